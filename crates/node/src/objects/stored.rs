//! Values as channels and queues store them: a kind and bytes, which are those of a dictionary's values. Texts as
//! queues and lock tables store them.

use crate::runtime::call::Call;
use crate::runtime::failure::Failure;
use crate::runtime::js::Local;
use crate::runtime::text;
use shmkit_dict::ViewBytes;
use shmkit_dict::value::{Value, ValueKind};

/// The kind of bytes that are those of no value (`value-kinds.ts`). Not part of the format.
const DAMAGED: u32 = 255;

/// Returns the bytes of a value; a scalar's are put into `scalar`.
pub(crate) fn bytes_of<'b>(value: &Value<'b>, scalar: &'b mut [u8; 8]) -> &'b [u8] {
    if !value.kind.is_scalar() {
        return value.bytes;
    }
    *scalar = value.scalar.to_le_bytes();
    scalar
}

/// Returns the value of bytes that `bytes_of` returned; `None` if no value has these.
fn value_of(kind: u8, bytes: &[u8]) -> Option<Value<'_>> {
    let kind = ValueKind::from_code(kind).filter(|kind| *kind != ValueKind::List)?;
    if !kind.is_scalar() {
        return Some(Value::bytes(kind, bytes));
    }
    let scalar = u64::from_le_bytes(bytes.try_into().ok()?);
    Some(Value { kind, scalar, bytes: &[] })
}

/// Returns JavaScript's value for bytes that `bytes_of` returned, and its kind, which counts if it is a `Buffer`. Bytes
/// that are those of no value are passed on as well: JavaScript throws when it decodes them, but then has their job or
/// message.
pub(crate) fn stored_to_js<'s>(
    call: &Call<'s>,
    kind: u8,
    bytes: &[u8],
) -> Result<(Local<'s>, u32), Failure<'s>> {
    match value_of(kind, bytes) {
        Some(value) => Ok((call.to_js(value)?, call.kind_of(value.kind))),
        None => Ok((call.js.buffer_of(ViewBytes::Private(bytes))?, DAMAGED)),
    }
}

/// Returns the text of an argument, one or two bytes for each code unit, and whether there are two.
pub(crate) fn text_of_argument<'s>(
    call: &Call<'s>,
    index: usize,
    name: &str,
) -> Result<(Vec<u8>, bool), Failure<'s>> {
    let (mut units, mut bytes) = (Vec::with_capacity(64), Vec::new());
    if call.js.to_units(call.argument(index), &mut units).is_none() {
        return Err(Failure::argument_type(name, "of type string", call.argument(index)));
    }
    let wide = text::store(&units, &mut bytes);
    Ok((bytes, wide))
}
