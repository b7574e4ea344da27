//! Values as channels and queues store them: a kind and bytes, which are those of a dictionary's values.

use shmkit_dict::value::{Value, ValueKind};
use shmkit_object::error::{Error, Result};

/// Returns the bytes of a value; a scalar's are put into `scalar`.
pub(crate) fn bytes_of<'b>(value: &Value<'b>, scalar: &'b mut [u8; 8]) -> &'b [u8] {
    if !value.kind.is_scalar() {
        return value.bytes;
    }
    *scalar = value.scalar.to_le_bytes();
    scalar
}

/// Returns the value of bytes that `bytes_of` returned.
///
/// # Errors
/// [`Error::Corrupt`] if no value has these.
pub(crate) fn value_of(kind: u8, bytes: &[u8]) -> Result<Value<'_>> {
    let damaged = || Error::Corrupt(format!("a value is of kind {kind} and has {} bytes", bytes.len()));
    let kind = ValueKind::from_code(kind).filter(|kind| *kind != ValueKind::List).ok_or_else(damaged)?;
    if !kind.is_scalar() {
        return Ok(Value::bytes(kind, bytes));
    }
    let scalar = u64::from_le_bytes(bytes.try_into().map_err(|_| damaged())?);
    Ok(Value { kind, scalar, bytes: &[] })
}
