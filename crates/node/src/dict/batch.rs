//! The entries of one call for many keys: all strings joined into one, and a record of 16 bytes for each entry.
//!
//! Making, reading and cutting one long string takes a tenth of the time of a string per key. TypeScript's side is
//! src/dict/batch.ts.

#![expect(unsafe_code, reason = "reads records in memory that JavaScript lends")]

use crate::runtime::call::Call;
use crate::runtime::failure::Failure;
use crate::runtime::js::Local;
use crate::runtime::state::Scratch;
use crate::runtime::text;
use shmkit_dict::ViewBytes;
use shmkit_dict::value::Key;

/// Bytes of a record: the key's length, the value's form, and a number. The first record in the memory belongs to no
/// entry: it starts with the number of stored entries.
const RECORD: usize = 16;

/// Forms of a value: the low bits. The other bits are its length in code units.
pub mod form {
    /// The key is missing.
    pub const MISSING: u32 = 0;
    /// In the joined string; after a read, in that of the one-byte strings.
    pub const TEXT: u32 = 1;
    /// In the joined string of two-byte strings. Only after a read.
    pub const WIDE_TEXT: u32 = 2;
    /// In the record.
    pub const NUMBER: u32 = 3;
    /// `true`
    pub const TRUE: u32 = 4;
    /// `false`
    pub const FALSE: u32 = 5;
    /// `null`
    pub const NULL: u32 = 6;
    /// A JavaScript value of its own, with its kind. Only after a read.
    pub const OTHER: u32 = 7;
    /// The number of low bits.
    pub const BITS: u32 = 3;
}

/// The record of an entry.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    /// Code units of the key.
    pub key: u32,
    /// The value's form and length.
    pub value: u32,
    /// The value, if it is a number.
    pub number: f64,
}

impl Record {
    /// Returns the form of the value, one of [`form`].
    pub fn form(&self) -> u32 {
        self.value & ((1 << form::BITS) - 1)
    }

    /// Returns the number of code units of the value, if it is a string.
    pub fn length(&self) -> u32 {
        self.value >> form::BITS
    }
}

/// The contents of a joined string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinedParts {
    /// Keys.
    Keys,
    /// Keys, each followed by its value if that is a string.
    Entries,
}

/// Returns the first `count` records in argument `at`.
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

/// Returns the 64-bit numbers in argument `at`.
pub fn numbers(call: &Call<'_>, at: usize) -> Vec<f64> {
    // SAFETY: TypeScript's own memory (`Records`), which is not shared, and which is copied here.
    let bytes = unsafe { call.js.to_bytes(call.argument(at)) }.unwrap_or_default();
    let (numbers, _) = bytes.as_chunks::<8>();
    numbers.iter().map(|bytes| f64::from_ne_bytes(*bytes)).collect()
}

/// Writes the records back into the argument that they came from.
pub fn write_records<'s>(call: &Call<'s>, at: usize, records: &[Record]) -> Result<(), Failure<'s>> {
    let mut bytes = Vec::with_capacity(records.len() * RECORD);
    for record in records {
        bytes.extend_from_slice(&record.key.to_ne_bytes());
        bytes.extend_from_slice(&record.value.to_ne_bytes());
        bytes.extend_from_slice(&record.number.to_ne_bytes());
    }
    write(call, at, RECORD, &bytes)
}

/// Writes the number of stored entries.
pub fn write_count<'s>(call: &Call<'s>, at: usize, stored: u32) -> Result<(), Failure<'s>> {
    write(call, at, 0, &stored.to_ne_bytes())
}

fn write<'s>(call: &Call<'s>, at: usize, offset: usize, bytes: &[u8]) -> Result<(), Failure<'s>> {
    match call.js.copy_into(call.argument(at), offset, ViewBytes::Private(bytes)) {
        Some(true) => Ok(()),
        _ => Err(wrong_memory(call.argument(at))),
    }
}

#[cold]
fn wrong_memory(argument: Local<'_>) -> Failure<'_> {
    Failure::argument_type("records", "a Uint8Array with room for the entries", argument)
}

/// The pieces of a joined string, in order, in the engine's form.
#[derive(Debug)]
pub struct Pieces<'r> {
    units: &'r [u16],
    /// The whole string, if it consists of one-byte code units.
    narrow: Option<&'r [u8]>,
}

impl<'r> Pieces<'r> {
    /// Reads the string in argument `at`.
    pub fn of<'s>(call: &Call<'s>, at: usize, scratch: &'r mut Scratch) -> Result<Self, Failure<'s>> {
        let argument = call.argument(at);
        call.js
            .to_units(argument, &mut scratch.units)
            .ok_or_else(|| Failure::argument_type("joined", "of type string", argument))?;
        let wide = text::store(&scratch.units, &mut scratch.bytes);
        Ok(Pieces { units: &scratch.units, narrow: (!wide).then_some(&scratch.bytes) })
    }

    /// Returns the keys of these records, for prefetching, if the string consists of one-byte code units. Values are
    /// skipped.
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

    /// Returns the next piece, of this many code units or as many as are left, and whether it takes two bytes per
    /// unit. It may be built in `scratch`.
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
