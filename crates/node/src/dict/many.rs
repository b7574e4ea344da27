//! Several keys in one call, each of them atomic by itself.

use crate::dict::batch::{JoinedParts, Pieces, Record, form, numbers, records, write_count, write_records};
use crate::dict::handle::DictData;
use crate::dict::value::ttl_of;
use crate::runtime::call::{Call, Outcome};
use crate::runtime::failure::Failure;
use crate::runtime::js::Local;
use crate::runtime::text;
use shmkit_dict::value::{Condition, Key, Value, ValueKind};
use shmkit_dict::{KeyHash, ValueView};
use shmkit_object::error::Error;

/// Strings of up to this many code units are returned within a joined string, which each of them keeps alive: at most
/// 64 KiB for the 256 entries of a call.
const MOST_JOINED: usize = 256;

/// `getMany(handle, keys, count, records)`: reads keys, whose lengths are in the records, and writes the forms of the
/// values into the records. Returns the joined one-byte strings if that is all, otherwise an array of the two joined
/// strings, then each other value with its kind.
pub fn get<'s>(call: &Call<'s>) -> Outcome<'s> {
    let mut found = FoundValues::new(call);
    let records = each(call, JoinedParts::Keys, |data, key, hash, record, _| {
        let before = found.lengths();
        let add = |view: ValueView<'_>| {
            // An earlier attempt to read this key may have added something.
            found.cut(before);
            found.add(view).map(|form| (form, f64::from_bits(view.scalar)))
        };
        (record.value, record.number) = match data.dict.read_with_hash(key, hash, &mut data.buffer, add) {
            Ok(Some((result, _))) => result.output?,
            // A list counts as missing.
            Ok(None) | Err(Error::WrongType(_)) => {
                found.cut(before);
                (form::MISSING, 0.0)
            }
            Err(error) => return Err(error.into()),
        };
        Ok(())
    })?;
    write_records(call, 3, &records)?;
    found.finish().map(Some)
}

/// `setMany(handle, entries, count, records, ttl, condition, ttls)`: stores entries; keys and values are joined in turn,
/// and their lengths and forms are in the records. `ttls` has an expiry for each entry, if they differ. The first record
/// gets the number of stored entries, even if one fails.
pub fn set<'s>(call: &Call<'s>) -> Outcome<'s> {
    let ttl = call.ttl(4);
    let mut ttls = if call.is_given(6) { numbers(call, 6) } else { Vec::new() }.into_iter();
    let condition = match call.small(5) {
        0 => Condition::Always,
        1 => Condition::Absent,
        _ => Condition::Present,
    };
    let mut stored = 0;
    let mut scratch = Vec::new();
    let result = each(call, JoinedParts::Entries, |data, key, hash, record, pieces| {
        let value = value_of(record, pieces, &mut scratch)
            .ok_or_else(|| Failure::argument_type("value", "a value that can be stored", call.argument(1)))?;
        let ttl = ttls.next().map_or(ttl, ttl_of);
        stored += u32::from(data.dict.set_with_hash(key, hash, value, ttl, condition)?);
        Ok(())
    });
    write_count(call, 3, stored)?;
    result.map(|_| None)
}

/// `deleteMany(handle, keys, count, records)`: returns the number of keys that existed; arguments as for `getMany`.
pub fn delete<'s>(call: &Call<'s>) -> Outcome<'s> {
    let mut deleted = 0;
    each(call, JoinedParts::Keys, |data, key, _, _, _| {
        deleted += u32::from(data.dict.delete(key, None)?);
        Ok(())
    })?;
    call.js.number(f64::from(deleted)).map(Some)
}

/// Calls `work` with each key, its hash and its record, until it fails. Returns the records. Prefetches.
fn each<'s>(
    call: &Call<'s>,
    of: JoinedParts,
    mut work: impl FnMut(&mut DictData, Key<'_>, KeyHash, &mut Record, &mut Pieces<'_>) -> Result<(), Failure<'s>>,
) -> Result<Vec<Record>, Failure<'s>> {
    let mut records = records(call, 3, call.small(2) as usize)?;
    let mut joined = call.state.value.borrow_mut();
    let mut scratch = Vec::new();
    let mut pieces = Pieces::of(call, 1, &mut joined)?;
    let result = call.dict(|data| {
        let mut hashes = data.dict.prefetch(pieces.narrow_keys(&records, of)).into_iter();
        for record in &mut records {
            let (bytes, wide) = pieces.next(record.key, &mut scratch);
            let key = Key::new(bytes, wide)?;
            let hash = hashes.next().unwrap_or_else(|| data.dict.hash(key));
            work(data, key, hash, record, &mut pieces)
                .map_err(|failure| failure.with_key_units(text::units(bytes, wide)))?;
        }
        Ok(())
    });
    joined.trim();
    result.map(|()| records)
}

/// Returns the value of a record; `None` if it has none that can be stored.
fn value_of<'p, 'r: 'p>(
    record: &Record,
    pieces: &mut Pieces<'r>,
    scratch: &'p mut Vec<u8>,
) -> Option<Value<'p>> {
    Some(match record.form() {
        form::TEXT => {
            let (bytes, wide) = pieces.next(record.length(), scratch);
            Value::bytes(if wide { ValueKind::Utf16 } else { ValueKind::Latin1 }, bytes)
        }
        form::NUMBER => Value::number(record.number),
        form::TRUE => Value::boolean(true),
        form::FALSE => Value::boolean(false),
        form::NULL => Value::null(),
        _ => return None,
    })
}

/// The values found by a call.
struct FoundValues<'c, 's> {
    call: &'c Call<'s>,
    narrow: Vec<u8>,
    wide: Vec<u16>,
    others: Vec<Local<'s>>,
}

impl<'c, 's> FoundValues<'c, 's> {
    fn new(call: &'c Call<'s>) -> Self {
        FoundValues { call, narrow: Vec::with_capacity(8192), wide: Vec::new(), others: Vec::new() }
    }

    /// Returns the length of each part.
    fn lengths(&self) -> [usize; 3] {
        [self.narrow.len(), self.wide.len(), self.others.len()]
    }

    /// Cuts each part back to an earlier length.
    fn cut(&mut self, lengths: [usize; 3]) {
        self.narrow.truncate(lengths[0]);
        self.wide.truncate(lengths[1]);
        self.others.truncate(lengths[2]);
    }

    /// Adds a value, which may be changing meanwhile, and returns its form.
    #[inline]
    fn add(&mut self, view: ValueView<'_>) -> Result<u32, Failure<'s>> {
        let length = view.bytes.len();
        Ok(match view.kind {
            ValueKind::Latin1 if length <= MOST_JOINED => {
                view.bytes.append_to(&mut self.narrow);
                form::TEXT | (length as u32) << form::BITS
            }
            ValueKind::Utf16 if length / 2 <= MOST_JOINED => {
                let mut bytes = Vec::with_capacity(length);
                view.bytes.append_to(&mut bytes);
                self.wide.extend(text::code_units(&bytes));
                form::WIDE_TEXT | (length as u32 / 2) << form::BITS
            }
            ValueKind::Number => form::NUMBER,
            ValueKind::Boolean => [form::FALSE, form::TRUE][usize::from(view.scalar != 0)],
            ValueKind::Null => form::NULL,
            kind => {
                self.others.push(self.call.view_to_js(view)?);
                self.others.push(self.call.js.number(f64::from(self.call.kind_of(kind)))?);
                form::OTHER
            }
        })
    }

    fn finish(self) -> Result<Local<'s>, Failure<'s>> {
        let js = self.call.js;
        let narrow = js.latin1(&self.narrow)?;
        if self.wide.is_empty() && self.others.is_empty() {
            return Ok(narrow);
        }
        let parts = [narrow, js.utf16(&self.wide)?];
        js.collect(parts.into_iter().chain(self.others), Ok)
    }
}
