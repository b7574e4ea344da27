//! Names on file systems that take `a` and `A` for the same, as those of macOS and Windows do by default.
//!
//! There a capital is written as `+` and its small letter. No name has a `+` of its own, so different names
//! stay different, and every file belongs to exactly one.

use std::borrow::Cow;

const IGNORES_CASE: bool = cfg!(any(target_os = "macos", windows));

/// What a name is called on the disk.
pub(super) fn on_disk(name: &str) -> Cow<'_, str> {
    if IGNORES_CASE { fold(name).into() } else { name.into() }
}

/// The name that a file on the disk has; `None` if it is nobody's.
pub(super) fn from_disk(file: &str) -> Option<String> {
    if IGNORES_CASE { unfold(file) } else { Some(file.to_owned()) }
}

fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            folded.push('+');
        }
        folded.push(c.to_ascii_lowercase());
    }
    folded
}

fn unfold(file: &str) -> Option<String> {
    let mut name = String::with_capacity(file.len());
    let mut letters = file.chars();
    while let Some(c) = letters.next() {
        match c {
            '+' => name.push(letters.next().filter(char::is_ascii_lowercase)?.to_ascii_uppercase()),
            c if c.is_ascii_uppercase() => return None,
            c => name.push(c),
        }
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_in_case_alone_differ_on_the_disk() {
        let names = ["shmkit.dict.a", "shmkit.dict.A", "shmkit.dict.aB", "shmkit.dict.Ab", "x.-_9"];
        for name in names {
            assert!(!fold(name).bytes().any(|byte| byte.is_ascii_uppercase()));
            assert_eq!(unfold(&fold(name)).as_deref(), Some(name));
            assert_eq!(from_disk(&on_disk(name)).as_deref(), Some(name));
        }
        let folded: std::collections::HashSet<String> = names.iter().map(|name| fold(name)).collect();
        assert_eq!(folded.len(), names.len());
    }

    #[test]
    fn files_of_another_spelling_are_nobodys() {
        for file in ["A", "a+", "+A", "++a", "+1"] {
            assert_eq!(unfold(file), None, "{file}");
        }
    }
}
