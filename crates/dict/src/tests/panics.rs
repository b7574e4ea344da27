//! Panics inside of a write.

use super::fixture::*;
use crate::guard::Guard;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn a_panic_inside_a_write_leaves_the_lock_free_and_the_handle_usable() {
    let machine = Machine::small();
    let dict = machine.process(1);
    set(&dict, "k", text("before"));
    let segment = Arc::clone(dict.segment());
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _guard = Guard::acquire(&segment, 0, Duration::from_secs(1)).unwrap();
        panic!("a bug");
    }));
    assert!(panicked.is_err());
    set(&dict, "k", text("after"));
    assert_eq!(get(&dict, "k").as_deref(), Some(&b"after"[..]));
    assert_sound(&dict);
}
