//! Encoding of names for file systems that ignore case, as those of macOS and Windows do by default.
//!
//! On these systems an upper-case letter is encoded as `+` and the lower-case letter. Names contain no other `+`, so
//! different names have different files, and every file has exactly one name.

use std::borrow::Cow;

const IGNORES_CASE: bool = cfg!(any(target_os = "macos", windows));

/// Returns the file name of an object name.
pub(super) fn encode(name: &str) -> Cow<'_, str> {
    if IGNORES_CASE { fold(name).into() } else { name.into() }
}

/// Returns the object name of a file name; `None` if no object name has that file name.
pub(super) fn decode(file: &str) -> Option<String> {
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
    fn file_names_differ_when_names_differ_only_in_case() {
        let names = ["shmkit.dict.a", "shmkit.dict.A", "shmkit.dict.aB", "shmkit.dict.Ab", "x.-_9"];
        for name in names {
            assert!(!fold(name).bytes().any(|byte| byte.is_ascii_uppercase()));
            assert_eq!(unfold(&fold(name)).as_deref(), Some(name));
            assert_eq!(decode(&encode(name)).as_deref(), Some(name));
        }
        let folded: std::collections::HashSet<String> = names.iter().map(|name| fold(name)).collect();
        assert_eq!(folded.len(), names.len());
    }

    #[test]
    fn file_names_that_are_no_encoding_of_a_name_are_rejected() {
        for file in ["A", "a+", "+A", "++a", "+1"] {
            assert_eq!(unfold(file), None, "{file}");
        }
    }
}
