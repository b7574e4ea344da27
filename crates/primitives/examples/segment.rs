//! A Rust program that shares a segment with Node.js: it opens the segment by name, prints its content and
//! changes it to upper case, appends a text, and drops the first bytes.
//!
//! `cargo run -p shmkit-primitives --example segment -- <name> <text> <bytes to drop>`

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use shmkit_object::lifecycle::{HandleOptions, Named};
    use shmkit_primitives::segment::SharedSegment;

    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, text, dropped] = arguments.as_slice() else {
        return Err("usage: segment <name> <text> <bytes to drop>".into());
    };
    let options = HandleOptions::default();
    let segment = Named::<SharedSegment>::open(name, &options)?;
    let segment = &segment.object;

    let mut bytes = segment.read(0, segment.size()? as usize)?;
    println!("{} of {} bytes: {}", bytes.len(), segment.capacity(), String::from_utf8_lossy(&bytes));
    bytes.make_ascii_uppercase();
    segment.write(0, &bytes)?;
    // The capacity grows for all processes, and shrinks again.
    segment.append(text.as_bytes(), options.lock_timeout)?;
    segment.trim(dropped.parse()?, options.lock_timeout)?;
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    Err("segments do not exist on this system".into())
}
