//! The entries of one call for many keys: strings as one, and a record of 16 bytes for each entry.
//!
//! To make, read and cut one long string costs a tenth of what it costs with a string each. TypeScript's
//! side is src/dict/batch.ts.

use crate::runtime::call::Call;
use crate::runtime::failure::Failure;
use crate::runtime::js::Local;
use crate::runtime::state::Scratch;
use crate::runtime::text;
use shmkit_dict::ViewBytes;
use shmkit_dict::value::Key;

/// Bytes of a record: the length of the key, the form of the value, and a number. The first record of the
/// memory is not an entry's: it starts with how many entries were stored.
const RECORD: usize = 16;

/// What there is of a value: the low bits of its form, whose other bits are its length in code units.
pub mod form {
    /// There is no such key.
    pub const MISSING: u32 = 0;
    /// In the joined string; of a read: in that of the strings with a byte a code unit.
    pub const TEXT: u32 = 1;
    /// In the joined string of all others. Only of reads.
    pub const WIDE_TEXT: u32 = 2;
    /// In the record.
    pub const NUMBER: u32 = 3;
    /// `true`
    pub const TRUE: u32 = 4;
    /// `false`
    pub const FALSE: u32 = 5;
    /// `null`
    pub const NULL: u32 = 6;
    /// A value by itself, and its kind. Only of reads.
    pub const OTHER: u32 = 7;
    /// Bits of these numbers.
    pub const BITS: u32 = 3;
}

/// One entry.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    /// Code units of the key.
    pub key: u32,
    /// The form of the value, and its length.
    pub value: u32,
    /// The value, if it is a number.
    pub number: f64,
}

impl Record {
    /// What there is of the value: one of [`form`].
    pub fn form(&self) -> u32 {
        self.value & ((1 << form::BITS) - 1)
    }

    /// Code units of the value, if it is a string.
    pub fn length(&self) -> u32 {
        self.value >> form::BITS
    }
}

/// What a joined string consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinedParts {
    /// Keys.
    Keys,
    /// Keys, each with its value if that is a string.
    Entries,
}

/// The records that argument `at` holds, `count` of them.
pub fn records<'s>(call: &Call<'s>, at: usize, count: usize) -> Result<Vec<Record>, Failure<'s>> {
    // SAFETY: TypeScript's own memory (`Records`), which is not shared, and which is copied here.
    let bytes = unsafe { call.js.to_bytes(call.argument(at)) }.unwrap_or_default();
    let (records, _) = bytes.as_chunks::<RECORD>();
    if count >= records.len() {
        return Err(wrong_memory(call.argument(at)));
    }
    let word = |bytes: &[u8; RECORD], at: usize| {
        u32::from_ne_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
    };
    let number = |bytes: &[u8; RECORD]| {
        f64::from_ne_bytes([
            bytes[8], bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15],
        ])
    };
    let read =
        |bytes: &[u8; RECORD]| Record { key: word(bytes, 0), value: word(bytes, 4), number: number(bytes) };
    Ok(records[1..=count].iter().map(read).collect())
}

/// Gives the records back, in the argument they came from.
pub fn give_back<'s>(call: &Call<'s>, at: usize, records: &[Record]) -> Result<(), Failure<'s>> {
    let mut bytes = Vec::with_capacity(records.len() * RECORD);
    for record in records {
        bytes.extend_from_slice(&record.key.to_ne_bytes());
        bytes.extend_from_slice(&record.value.to_ne_bytes());
        bytes.extend_from_slice(&record.number.to_ne_bytes());
    }
    write(call, at, RECORD, &bytes)
}

/// Tells how many entries were stored.
pub fn give_count<'s>(call: &Call<'s>, at: usize, stored: u32) -> Result<(), Failure<'s>> {
    write(call, at, 0, &stored.to_ne_bytes())
}

fn write<'s>(call: &Call<'s>, at: usize, offset: usize, bytes: &[u8]) -> Result<(), Failure<'s>> {
    match call.js.fill(call.argument(at), offset, ViewBytes::Private(bytes)) {
        Some(true) => Ok(()),
        _ => Err(wrong_memory(call.argument(at))),
    }
}

#[cold]
fn wrong_memory(argument: Local<'_>) -> Failure<'_> {
    Failure::argument_type("records", "a Uint8Array with room for the entries", argument)
}

/// The pieces of a joined string, one after the other, in the form that the engine stores.
#[derive(Debug)]
pub struct Pieces<'r> {
    units: &'r [u16],
    /// All of it, if a byte a code unit will do.
    narrow: Option<&'r [u8]>,
}

impl<'r> Pieces<'r> {
    /// Of the string that is argument `at`.
    pub fn of<'s>(call: &Call<'s>, at: usize, scratch: &'r mut Scratch) -> Result<Self, Failure<'s>> {
        let argument = call.argument(at);
        call.js
            .to_units(argument, &mut scratch.units)
            .ok_or_else(|| Failure::argument_type("joined", "of type string", argument))?;
        let wide = text::store(&scratch.units, &mut scratch.bytes);
        Ok(Pieces { units: &scratch.units, narrow: (!wide).then_some(&scratch.bytes) })
    }

    /// The keys that these records tell of, if a byte a code unit will do: for who looks ahead. What else is
    /// joined is passed over.
    pub fn narrow_keys(&self, records: &[Record], joined: JoinedParts) -> impl Iterator<Item = Key<'r>> {
        let mut rest = self.narrow.unwrap_or_default();
        records.iter().map_while(move |record| {
            let (key, behind) = rest.split_at_checked(record.key as usize)?;
            rest = match joined {
                JoinedParts::Entries if record.form() == form::TEXT => {
                    behind.get(record.length() as usize..)?
                }
                _ => behind,
            };
            Key::new(key, false).ok()
        })
    }

    /// The next piece, which has this many code units, and whether it takes two bytes a unit. `scratch` is
    /// where it may be built. All that is left, if that is less.
    pub fn next<'p>(&mut self, units: u32, scratch: &'p mut Vec<u8>) -> (&'p [u8], bool)
    where
        'r: 'p,
    {
        let units = (units as usize).min(self.units.len());
        let (piece, rest) = self.units.split_at(units);
        self.units = rest;
        if let Some(narrow) = self.narrow {
            let (bytes, rest) = narrow.split_at(units);
            self.narrow = Some(rest);
            return (bytes, false);
        }
        let wide = text::store(piece, scratch);
        (scratch, wide)
    }
}
