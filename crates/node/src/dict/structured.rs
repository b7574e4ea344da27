//! Checks values in the format of structured clone, as V8 writes and reads it.
//!
//! V8 leaves out what it cannot write, such as a WebAssembly module, without an error, and reads a few bytes as an array
//! of four billion elements. One pass over the bytes finds both. It makes no values and runs no JavaScript.

/// What the bytes of a value turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Verdict {
    /// They are well-formed.
    Sound = 0,
    /// They claim arrays with far more elements than they hold.
    Hollow = 1,
    /// They have something that only a newer version of the format defines.
    Unknown = 2,
    /// They cannot be read.
    Malformed = 3,
}

/// The newest version of the format whose tags are all known here.
const KNOWN_VERSION: u64 = 15;
/// The first byte of values with a table of buffers that also occur by themselves (src/dict/structured.ts).
const SHARES_BUFFERS: u8 = 0;
/// Types of views from here on have a buffer, which is a value of its own; from the next on, they name a part of one.
const WHOLE_VIEWS: u64 = 64;
const PART_VIEWS: u64 = 128;
/// Elements that the arrays of a value may have in addition to one per byte.
const MOST_HOLES: u64 = 65_536;

/// Ends the check early.
struct Stop(Verdict);

type Checked<T> = Result<T, Stop>;

const MALFORMED: Stop = Stop(Verdict::Malformed);

/// A container that has begun.
struct Frame {
    /// The tag that ends it.
    end: u8,
    /// Elements of a dense array that are still to come before its properties.
    elements: u64,
    /// Values since then, keys included; of an error, its stacks.
    values: u64,
}

struct Input<'b> {
    bytes: &'b [u8],
    at: usize,
    holes: u64,
    open: Vec<Frame>,
}

/// Checks the bytes of a value.
pub fn inspect(bytes: &[u8]) -> Verdict {
    let at = usize::from(bytes.first() == Some(&SHARES_BUFFERS));
    let mut input = Input { bytes, at, holes: 0, open: Vec::new() };
    match input.document() {
        Ok(()) if input.holes > MOST_HOLES + bytes.len() as u64 => Verdict::Hollow,
        Ok(()) => Verdict::Sound,
        Err(Stop(verdict)) => verdict,
    }
}

impl Input<'_> {
    /// Reads the header and one value.
    fn document(&mut self) -> Checked<()> {
        if self.byte()? != 0xFF {
            return Err(Stop(Verdict::Unknown));
        }
        if self.varint()? > KNOWN_VERSION {
            return Err(Stop(Verdict::Unknown));
        }
        self.value()?;
        while let Some(frame) = self.open.last() {
            match frame.end {
                b'$' if frame.elements > 0 => {
                    self.frame().elements -= 1;
                    self.element()?;
                }
                b'.' => self.error_part()?,
                end => self.part(end)?,
            }
        }
        Ok(())
    }

    fn frame(&mut self) -> &mut Frame {
        self.open.last_mut().expect("called within a container")
    }

    /// Reads an element of a dense array, which may be a hole.
    fn element(&mut self) -> Checked<()> {
        if self.peek()? == b'-' { self.skip(1) } else { self.value() }
    }

    /// Reads the next key or value of a container, or its end.
    fn part(&mut self, end: u8) -> Checked<()> {
        let values = self.frame().values;
        if self.peek()? == end {
            self.skip(1)?;
            let counted = self.varint()?;
            let expected = if end == b':' || end == b',' { values } else { values / 2 };
            if matches!(end, b'@' | b'$') {
                self.varint()?;
            }
            self.open.pop();
            return if counted == expected && (end == b',' || values.is_multiple_of(2)) {
                Ok(())
            } else {
                Err(MALFORMED)
            };
        }
        let is_key = end != b':' && end != b',' && values.is_multiple_of(2);
        if is_key && !matches!(self.peek()?, b'"' | b'c' | b'S' | b'I' | b'U' | b'N') {
            return Err(MALFORMED);
        }
        self.frame().values += 1;
        self.value()
    }

    /// Reads the next part of an error, or its end.
    fn error_part(&mut self) -> Checked<()> {
        match self.tag()? {
            b'.' => {
                self.open.pop();
                Ok(())
            }
            b'E' | b'R' | b'F' | b'S' | b'T' | b'U' => Ok(()),
            b'm' => self.value(),
            b's' => {
                self.frame().values += 1;
                self.value()
            }
            b'c' => self.cause(),
            _ => Err(Stop(Verdict::Unknown)),
        }
    }

    /// Reads the cause of an error. If V8 left it out, the error's end or its stack follows at once, and the stack looks
    /// like a boxed string.
    fn cause(&mut self) -> Checked<()> {
        let tag = self.peek()?;
        if tag == b'.' {
            return Err(MALFORMED);
        }
        let has_stack = self.frame().values > 0;
        self.value()?;
        if tag == b's' && !has_stack && self.peek()? == b'.' { Err(MALFORMED) } else { Ok(()) }
    }

    /// Reads a value, or the beginning of one that has others.
    fn value(&mut self) -> Checked<()> {
        match self.tag()? {
            b'_' | b'0' | b'T' | b'F' | b'x' | b'y' => Ok(()),
            b'I' | b'U' | b'^' | b't' => self.varint().map(drop),
            b'N' | b'D' | b'n' => self.skip(8),
            b'Z' | b'z' => {
                let bits = self.varint()?;
                self.skip(bits >> 1)
            }
            b'S' | b'"' | b'c' | b'B' => {
                let length = self.varint()?;
                self.skip(length)
            }
            b'~' => {
                let length = self.varint()?;
                self.varint()?;
                self.skip(length)
            }
            b's' => self.value(),
            b'R' => {
                self.value()?;
                self.varint().map(drop)
            }
            b'o' => self.begin(b'{', 0),
            b';' => self.begin(b':', 0),
            b'\'' => self.begin(b',', 0),
            b'r' => self.begin(b'.', 0),
            b'a' => {
                let length = self.varint()?;
                self.holes = self.holes.saturating_add(length);
                self.begin(b'@', 0)
            }
            b'A' => {
                let length = self.varint()?;
                if length > (self.bytes.len() - self.at) as u64 {
                    return Err(MALFORMED);
                }
                self.begin(b'$', length)
            }
            b'\\' => self.view(),
            b'{' | b'@' | b'$' | b':' | b',' | b'-' => Err(MALFORMED),
            _ => Err(Stop(Verdict::Unknown)),
        }
    }

    /// Reads a typed array or `DataView`, as src/dict/structured.ts writes it, or as Node's own serializer does.
    fn view(&mut self) -> Checked<()> {
        let kind = self.varint()?;
        if kind >= PART_VIEWS {
            (0..3).try_for_each(|_| self.varint().map(drop))
        } else if kind >= WHOLE_VIEWS {
            match self.peek()? {
                b'B' | b'~' | b'^' | b't' => self.value(),
                _ => Err(MALFORMED),
            }
        } else {
            let length = self.varint()?;
            self.skip(length)
        }
    }

    fn begin(&mut self, end: u8, elements: u64) -> Checked<()> {
        self.open.push(Frame { end, elements, values: 0 });
        Ok(())
    }

    /// Reads a tag. Zeros before it align it.
    fn tag(&mut self) -> Checked<u8> {
        let tag = self.peek()?;
        self.at += 1;
        Ok(tag)
    }

    fn peek(&mut self) -> Checked<u8> {
        while self.bytes.get(self.at) == Some(&0) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied().ok_or(MALFORMED)
    }

    fn byte(&mut self) -> Checked<u8> {
        let byte = self.bytes.get(self.at).copied().ok_or(MALFORMED)?;
        self.at += 1;
        Ok(byte)
    }

    fn varint(&mut self) -> Checked<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(MALFORMED)
    }

    fn skip(&mut self, bytes: u64) -> Checked<()> {
        if bytes > (self.bytes.len() - self.at) as u64 {
            return Err(MALFORMED);
        }
        self.at += bytes as usize;
        Ok(())
    }
}
