//! Tests that the present machine or user cannot run.

use std::io::Write;

/// Reports that the present test cannot run here, for this reason. The gate counts such lines, so the line goes around
/// the capture of output, which hides what passing tests print.
pub fn not_run(reason: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    // In one write: the tests of other threads print as well.
    std::io::stderr().write_all(format!("NOT RUN: {test}: {reason}\n").as_bytes()).unwrap();
}
