//! JavaScript strings as the engine stores them: one byte a code unit where every unit is at most
//! 0xFF, else two bytes a unit, little-endian. Lossless for every string, lone surrogates included.

/// Replaces `bytes` by the stored form of `units`; true if it takes two bytes a unit.
#[inline]
pub fn store(units: &[u16], bytes: &mut Vec<u8>) -> bool {
    bytes.clear();
    bytes.reserve(units.len());
    let mut seen = 0;
    let narrow = |unit: u16| {
        seen |= unit;
        unit as u8
    };
    bytes.extend(units.iter().copied().map(narrow));
    let wide = seen > 0xFF;
    if wide {
        bytes.clear();
        bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    }
    wide
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
