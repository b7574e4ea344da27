//! JavaScript strings in the engine's form: one byte per code unit if all are at most 0xFF, otherwise two bytes per
//! unit, little-endian. Lossless for every string, including lone surrogates.

use std::mem::MaybeUninit;
use std::ptr;

/// Replaces `bytes` by the stored form of `units`. Returns whether it takes two bytes per unit.
#[inline(always)]
pub fn store(units: &[u16], bytes: &mut Vec<u8>) -> bool {
    bytes.clear();
    append(units, bytes)
}

/// Like `store`, past what is there.
#[inline(always)]
pub fn append(units: &[u16], bytes: &mut Vec<u8>) -> bool {
    bytes.reserve(units.len());
    let is_narrow = narrow_all(units, &mut bytes.spare_capacity_mut()[..units.len()]);
    if is_narrow {
        // SAFETY: there is space for all of them (`reserve`), and `narrow_all` wrote each.
        unsafe { bytes.set_len(bytes.len() + units.len()) };
    } else {
        bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    }
    !is_narrow
}

/// Returns the stored form of `units` if it is not empty, takes one byte per unit, and fits into `scratch`.
#[inline(always)]
pub fn narrow_short<'r, const N: usize>(
    units: &[u16],
    scratch: &'r mut [MaybeUninit<u8>; N],
) -> Option<&'r [u8]> {
    let bytes = scratch.get_mut(..units.len())?;
    if units.is_empty() || !narrow_all(units, bytes) {
        return None;
    }
    // SAFETY: `narrow_all` wrote each of them.
    Some(unsafe { &*(ptr::from_mut(bytes) as *const [u8]) })
}

/// Stores the lower bytes of the units, many at once; if their number is not a multiple, the last ones a second time.
/// (A load of bytes as words soon after they were stored is slow, unless they were stored as words at least as long.)
/// Returns whether no unit is above 0xFF.
#[inline(always)]
fn narrow_all(units: &[u16], narrowed: &mut [MaybeUninit<u8>]) -> bool {
    match units.len() {
        64.. => narrow_by::<32>(units, narrowed),
        16.. => narrow_by::<16>(units, narrowed),
        8.. => narrow_by::<8>(units, narrowed),
        _ => narrow_singly(units, narrowed),
    }
}

/// Stores `N` at once; there are at least `N`.
#[inline(always)]
fn narrow_by<const N: usize>(units: &[u16], narrowed: &mut [MaybeUninit<u8>]) -> bool {
    let (mut at, last) = (0, units.len() - N);
    let mut seen = [0; N];
    while let (Some(units), Some(bytes)) = (units[at..].first_chunk::<N>(), narrowed[at..].first_chunk_mut())
    {
        for (seen, unit) in seen.iter_mut().zip(units) {
            *seen |= unit;
        }
        *bytes = std::array::from_fn::<_, N, _>(|lane| MaybeUninit::new(units[lane] as u8));
        if at == last {
            break;
        }
        at = (at + N).min(last);
    }
    seen.iter().fold(0, |all, seen| all | seen) <= 0xFF
}

fn narrow_singly(units: &[u16], narrowed: &mut [MaybeUninit<u8>]) -> bool {
    for (byte, &unit) in narrowed.iter_mut().zip(units) {
        byte.write(unit as u8);
    }
    units.iter().fold(0, |all, unit| all | unit) <= 0xFF
}

/// Replaces `units` by the code units of two-byte stored bytes. An odd last byte is ignored.
pub fn load(bytes: &[u8], units: &mut Vec<u16>) {
    units.clear();
    units.extend(code_units(bytes));
}

/// Returns the code units of two-byte stored bytes.
pub fn code_units(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
}

/// Returns the code units of a stored string.
pub fn units(bytes: &[u8], wide: bool) -> Vec<u16> {
    if wide { code_units(bytes).collect() } else { bytes.iter().map(|&byte| u16::from(byte)).collect() }
}

/// Returns the UTF-8 form of a stored string. A lone surrogate becomes U+FFFD, as in `Buffer.from`.
pub fn utf8(bytes: &[u8], wide: bool) -> String {
    if wide {
        char::decode_utf16(code_units(bytes))
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    } else {
        bytes.iter().map(|&byte| char::from(byte)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_every_length_are_stored_by_one_byte_a_unit_unless_one_is_wide() {
        for length in 0..200_usize {
            let units: Vec<u16> = (0..length).map(|at| ((at * 37 + length) % 256) as u16).collect();
            let narrow: Vec<u8> = units.iter().map(|&unit| unit as u8).collect();
            let mut bytes = Vec::new();
            assert!(!store(&units, &mut bytes));
            assert_eq!(bytes, narrow, "{length} units");
            let fits = (1..=64).contains(&length);
            let mut scratch = [MaybeUninit::uninit(); 64];
            assert_eq!(narrow_short(&units, &mut scratch), fits.then_some(&narrow[..]), "{length} units");
            for at in 0..length {
                let mut wide = units.clone();
                wide[at] |= 0x100 << (at % 8);
                assert!(store(&wide, &mut bytes), "{length} units, a wide one at {at}");
                assert_eq!(bytes.len(), 2 * length);
                assert!(code_units(&bytes).eq(wide.iter().copied()));
                assert!(narrow_short(&wide, &mut scratch).is_none(), "{length} units, a wide one at {at}");
            }
        }
    }
}
