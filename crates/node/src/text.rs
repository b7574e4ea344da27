//! JavaScript strings as the engine stores them: one byte a code unit where every unit is at most
//! 0xFF, else two bytes a unit, little-endian. Lossless for every string, lone surrogates included.

use std::mem::MaybeUninit;
use std::ptr;

/// Replaces `bytes` by the stored form of `units`; true if it takes two bytes a unit.
#[inline(always)]
pub fn store(units: &[u16], bytes: &mut Vec<u8>) -> bool {
    bytes.clear();
    bytes.reserve(units.len());
    let is_narrow = narrow_all(units, &mut bytes.spare_capacity_mut()[..units.len()]);
    if is_narrow {
        // SAFETY: there is room for as many (`reserve`), and `narrow_all` wrote each.
        unsafe { bytes.set_len(units.len()) };
    } else {
        bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    }
    !is_narrow
}

/// The stored form of `units`, if there are any, they fit, and take one byte each.
#[inline(always)]
pub fn narrow_short<'r, const N: usize>(
    units: &[u16],
    room: &'r mut [MaybeUninit<u8>; N],
) -> Option<&'r [u8]> {
    let bytes = room.get_mut(..units.len())?;
    if units.is_empty() || !narrow_all(units, bytes) {
        return None;
    }
    // SAFETY: `narrow_all` wrote each of them.
    Some(unsafe { &*(ptr::from_mut(bytes) as *const [u8]) })
}

/// Stores the lower bytes of the units, as many at once as can be, the last of them for a second time where they are
/// not a multiple: who reads bytes as words soon after they were stored waits, unless they were stored as words at
/// least as long. True if that is all of them: no unit is above 0xFF.
#[inline(always)]
fn narrow_all(units: &[u16], narrowed: &mut [MaybeUninit<u8>]) -> bool {
    let mut seen = [0; 16];
    let (chunks, rest) = units.as_chunks::<16>();
    for (bytes, units) in narrowed.as_chunks_mut().0.iter_mut().zip(chunks) {
        *bytes = narrow(units, &mut seen);
    }
    if !rest.is_empty() {
        if let (Some(units), Some(bytes)) = (units.last_chunk::<16>(), narrowed.last_chunk_mut()) {
            *bytes = narrow(units, &mut seen);
        } else if let (Some(units), Some(bytes)) = (units.first_chunk::<8>(), narrowed.first_chunk_mut()) {
            *bytes = narrow(units, &mut seen);
            if let (Some(units), Some(bytes)) = (rest.last_chunk::<8>(), narrowed.last_chunk_mut()) {
                *bytes = narrow(units, &mut seen);
            }
        } else {
            for (byte, &unit) in narrowed.iter_mut().zip(rest) {
                seen[0] |= unit;
                byte.write(unit as u8);
            }
        }
    }
    seen.iter().fold(0, |all, seen| all | seen) <= 0xFF
}

/// The lower bytes of the units; all their bits go into `seen`, lane by lane, so that the lanes need to be put
/// together only once.
#[inline(always)]
fn narrow<const N: usize>(units: &[u16; N], seen: &mut [u16; 16]) -> [MaybeUninit<u8>; N] {
    for (seen, unit) in seen.iter_mut().zip(units) {
        *seen |= unit;
    }
    std::array::from_fn(|at| MaybeUninit::new(units[at] as u8))
}

/// Replaces `units` by what two-byte stored bytes stand for; an odd last byte is left out.
pub fn load(bytes: &[u8], units: &mut Vec<u16>) {
    units.clear();
    units.extend(code_units(bytes));
}

/// The code units of two-byte stored bytes.
pub fn code_units(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
}

/// The UTF-8 form of a stored string; a lone surrogate becomes U+FFFD, as in `Buffer.from`.
pub fn utf8(bytes: &[u8], wide: bool) -> String {
    if wide {
        char::decode_utf16(code_units(bytes))
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    } else {
        bytes.iter().map(|&byte| char::from(byte)).collect()
    }
}

/// True if the stored string `bytes` starts with these code units.
pub fn starts_with(bytes: &[u8], wide: bool, prefix: &[u16]) -> bool {
    if wide {
        bytes.len() / 2 >= prefix.len() && code_units(bytes).zip(prefix).all(|(unit, &want)| unit == want)
    } else {
        bytes.len() >= prefix.len() && bytes.iter().zip(prefix).all(|(&byte, &want)| u16::from(byte) == want)
    }
}
