//! Tells Cargo how to link an addon for Node.js.

fn main() {
    napi_build::setup();
}
