//! Names of objects, and their file names.

use crate::error::{Error, Result};
use crate::superblock::{MOST_NAME_BYTES, StoredName};

/// A valid name. It cannot lead out of its directory, and is not that of a temporary file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name(String);

impl Name {
    /// Validates a name.
    ///
    /// # Errors
    /// [`Error::InvalidName`] unless it is `[A-Za-z0-9_][A-Za-z0-9._-]{0,99}`.
    pub fn parse(text: &str) -> Result<Name> {
        let starts = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let continues = |byte: &u8| starts(*byte) || *byte == b'.' || *byte == b'-';
        match text.as_bytes() {
            [first, rest @ ..]
                if starts(*first) && rest.len() < MOST_NAME_BYTES && rest.iter().all(continues) =>
            {
                Ok(Name(text.to_owned()))
            }
            _ => Err(Error::InvalidName(text.to_owned())),
        }
    }

    /// Returns the name of the object of this kind that has this file name, if there is one.
    pub fn of_file(kind: &str, file_name: &str) -> Option<Name> {
        let rest = file_name.strip_prefix("shmkit.")?.strip_prefix(kind)?;
        Name::parse(rest.strip_prefix('.')?).ok()
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name as a superblock stores it.
    pub fn stored(&self) -> StoredName {
        StoredName::new(&self.0)
    }

    pub fn file_name(&self, kind: &str) -> String {
        format!("shmkit.{kind}.{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn names_are_validated_to_the_last_byte() {
        let longest = "a".repeat(100);
        for name in ["a", "_", "0", "a.b-c_D", longest.as_str(), "CON", "a..", "shmkit.dict.a"] {
            assert_eq!(Name::parse(name).unwrap().as_str(), name);
            let file_name = Name::parse(name).unwrap().file_name("dict");
            assert_eq!(Name::of_file("dict", &file_name).unwrap().as_str(), name);
        }
        let too_long = "a".repeat(101);
        for name in
            ["", ".", "..", "../x", "a/b", "a\0b", "-a", ".a", "a ", " a", "\u{e4}", "a\n", "\u{1f600}"]
        {
            assert!(Name::parse(name).is_err(), "{name:?}");
        }
        assert!(Name::parse(&too_long).is_err());
    }

    #[test]
    fn unrelated_file_names_are_ignored() {
        for file in
            ["a", "shmkit.dict.", "shmkit.dict..a", ".shmkit.tmp.00", "shmkit.dict.a b", "shmkit.sem.a"]
        {
            assert_eq!(Name::of_file("dict", file), None);
        }
    }
}
