//! Keys, values, and the options of operations.

use shmkit_object::error::{Error, Result};

/// Longest stored key in bytes.
pub const MAX_KEY_BYTES: usize = 65_535;
/// Longest stored value in bytes.
pub const MAX_VALUE_BYTES: u64 = u32::MAX as u64;

/// A key: Latin-1 bytes, or UTF-16 code units in little-endian order if one of them is above 0xFF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key<'a> {
    bytes: &'a [u8],
    wide: bool,
}

impl<'a> Key<'a> {
    /// Returns a key of 1 to 65,535 stored bytes. The caller rejects empty keys.
    ///
    /// # Errors
    /// [`Error::TooLarge`] above the limit.
    pub fn new(bytes: &'a [u8], wide: bool) -> Result<Self> {
        if bytes.len() > MAX_KEY_BYTES {
            return Err(Error::TooLarge {
                what: "key",
                size: bytes.len() as u64,
                limit: MAX_KEY_BYTES as u64,
            });
        }
        Ok(Key { bytes, wide })
    }

    /// Returns the stored bytes.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Returns whether the bytes are UTF-16 code units.
    #[inline]
    pub fn is_wide(&self) -> bool {
        self.wide
    }
}

/// The type of a value. The numbers are part of the format.
#[repr(u8)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueKind {
    /// A string with one byte per code unit.
    Latin1 = 1,
    /// A string with two bytes per code unit, little-endian.
    Utf16 = 2,
    /// An IEEE 754 double in the scalar cell.
    Number = 3,
    /// 0 or 1 in the scalar cell.
    Boolean = 4,
    /// A signed 64-bit integer in the scalar cell.
    BigInt = 5,
    /// JavaScript's `null`.
    Null = 6,
    /// Plain bytes.
    Bytes = 7,
    /// Written by V8's serializer.
    Structured = 8,
    /// JSON text in UTF-8.
    Json = 9,
    /// Written by a user's codec: one byte of name length, the name, then its bytes.
    Custom = 10,
    /// A list; its items are values themselves.
    List = 11,
    /// Plain data whose objects name their structures.
    Record = 12,
}

impl ValueKind {
    /// Returns the type with this number in the format.
    #[inline]
    pub fn from_code(code: u8) -> Option<ValueKind> {
        /// A table of 16 instead of a search, because every read needs it.
        const KINDS: [Option<ValueKind>; 16] = {
            use ValueKind::*;
            let known =
                [Latin1, Utf16, Number, Boolean, BigInt, Null, Bytes, Structured, Json, Custom, List, Record];
            let mut kinds = [None; 16];
            let mut index = 0;
            while index < known.len() {
                kinds[index + 1] = Some(known[index]);
                index += 1;
            }
            kinds
        };
        KINDS.get(usize::from(code)).copied().flatten()
    }

    /// Returns whether the value is in the scalar cell and has no bytes.
    #[inline]
    pub fn is_scalar(self) -> bool {
        matches!(self, ValueKind::Number | ValueKind::Boolean | ValueKind::BigInt | ValueKind::Null)
    }

    /// Returns whether reading the value can fail for some callers, because a codec wrote it.
    #[inline]
    pub fn needs_codec(self) -> bool {
        matches!(self, ValueKind::Structured | ValueKind::Json | ValueKind::Custom | ValueKind::Record)
    }
}

/// A value to store: bytes, or one 64-bit scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value<'a> {
    /// Its type.
    pub kind: ValueKind,
    /// The bits of a scalar, else 0.
    pub scalar: u64,
    /// The bytes of a value that is not a scalar, else empty.
    pub bytes: &'a [u8],
}

impl<'a> Value<'a> {
    /// Returns a value of a type that consists of bytes.
    pub fn bytes(kind: ValueKind, bytes: &'a [u8]) -> Self {
        debug_assert!(!kind.is_scalar());
        Value { kind, scalar: 0, bytes }
    }

    /// Returns a double, bit-exact.
    pub fn number(value: f64) -> Self {
        Value { kind: ValueKind::Number, scalar: value.to_bits(), bytes: &[] }
    }

    /// Returns a 64-bit integer.
    pub fn bigint(value: i64) -> Self {
        Value { kind: ValueKind::BigInt, scalar: value as u64, bytes: &[] }
    }

    /// Returns a boolean.
    pub fn boolean(value: bool) -> Self {
        Value { kind: ValueKind::Boolean, scalar: u64::from(value), bytes: &[] }
    }

    /// Returns JavaScript's `null`.
    pub fn null() -> Self {
        Value { kind: ValueKind::Null, scalar: 0, bytes: &[] }
    }
}

/// An entry as it was at one instant, with its bytes in a private copy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry<'b> {
    /// Type, scalar and bytes. For a [`ValueKind::List`], the bytes are empty and the scalar is its length.
    pub value: Value<'b>,
    /// A number that every write of the key changes and that never repeats for it.
    pub version: u64,
    /// Boot-clock nanoseconds at which it expires; 0 means never.
    pub deadline: u64,
}

/// What a write does with the key's expiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ttl {
    /// No expiry.
    Never,
    /// The entry's present expiry stays (none, if there is no entry).
    Keep,
    /// Expires after this many nanoseconds (at least 1).
    After(u64),
    /// Was to expire at a time that is past: the entry is removed instead of written.
    Past,
}

/// The condition of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Always.
    Always,
    /// Only if there is no live entry.
    Absent,
    /// Only if there is a live entry.
    Present,
    /// Only if the live entry has this version; 0 stands for "no live entry".
    Version(u64),
}

/// A number of one of the two types that `incr` works on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A double.
    Double(f64),
    /// A signed 64-bit integer.
    Integer(i64),
}

/// The parameters of `incr`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Increment {
    /// Added to the stored value.
    pub delta: Number,
    /// Whether the caller gave no delta; 1 then fits doubles and integers alike.
    pub delta_is_default: bool,
    /// The value of a missing key; without it, `incr` of a missing key does nothing.
    pub init: Option<Number>,
    /// The new expiry; [`Ttl::Keep`] leaves it unchanged.
    pub ttl: Ttl,
    /// The expiry of an entry that this call creates, if `ttl` is [`Ttl::Keep`].
    pub init_ttl: Ttl,
}

/// A number that `incr` has changed, as of that instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Incremented {
    /// The new value.
    pub sum: Number,
    /// The entry's version; 0 if it was removed, because its expiry was past.
    pub version: u64,
    /// Boot-clock nanoseconds at which it expires; 0 means never.
    pub deadline: u64,
}

/// The parameters of `throttle`: in any `t` nanoseconds at most `burst + limit * t / window` are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// How much is allowed in a window; at least 1.
    pub limit: u64,
    /// The window in nanoseconds; at least 1.
    pub window: u64,
    /// How much is allowed at once; at least 1.
    pub burst: u64,
    /// How much this call takes; 0 only looks.
    pub cost: u64,
}

/// The result of `throttle`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThrottleDecision {
    /// Whether the cost was available.
    pub is_allowed: bool,
    /// How much is available after this call.
    pub remaining: u64,
    /// Nanoseconds until the cost is available; 0 if it was.
    pub retry_after: u64,
    /// Nanoseconds until the whole burst is available.
    pub reset_after: u64,
}

/// An end of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListEnd {
    /// The left end, index 0.
    Left,
    /// The right end, index -1.
    Right,
}
