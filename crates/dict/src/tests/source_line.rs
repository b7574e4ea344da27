//! The text of a line of the engine's source.

/// Returns file, line and text of a source location.
pub fn line_of(at: &std::panic::Location<'_>) -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let source = std::fs::read_to_string(root.join(at.file())).unwrap_or_default();
    let text = source.lines().nth(at.line() as usize - 1).unwrap_or("").trim();
    format!("{}:{}: {text}", at.file(), at.line())
}
