//! The floor: the least that a call from JavaScript into native code costs.
//!
//! Each function reads every argument, strings as UTF-16 into a buffer on the stack, and creates the same kind of result
//! as the dictionary's call of that name, without any work in between. The ratio to it is what the dictionary adds.

use napi_sys as sys;
use std::ffi::{CStr, c_char, c_void};
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The longest string that is read, in code units; those of the benchmark are shorter.
const UNITS: usize = 2048;

/// Bytes of the long string.
const LONG: usize = 1024;
/// Bytes of the buffer.
const BINARY: usize = 64 << 10;

static LONG_TEXT: [u8; LONG] = [b'x'; LONG];
/// The number of different buffers: as many as in the dictionary, so that both lie in the same caches.
const BINARIES: usize = 16;

static BYTES: [[u8; BINARY]; BINARIES] = [[1; BINARY]; BINARIES];
/// How many buffers have been requested.
static ASKED: AtomicUsize = AtomicUsize::new(0);

/// The 32 characters that `getString` returns.
const TEXT: &[u8; 32] = b"0123456789abcdef0123456789abcdef";

type Callback = unsafe extern "C" fn(sys::napi_env, sys::napi_callback_info) -> sys::napi_value;

/// The first `N` arguments of the call.
fn arguments<const N: usize>(env: sys::napi_env, info: sys::napi_callback_info) -> [sys::napi_value; N] {
    let mut values = [ptr::null_mut(); N];
    let mut count = N;
    // SAFETY: `env` and `info` are those of the running callback, and `values` has room for `count` values.
    unsafe {
        sys::napi_get_cb_info(env, info, &mut count, values.as_mut_ptr(), ptr::null_mut(), ptr::null_mut())
    };
    values
}

/// Reads a string argument and returns its length in code units.
fn read_string(env: sys::napi_env, value: sys::napi_value) -> usize {
    let mut units = [MaybeUninit::<u16>::uninit(); UNITS];
    let mut length = 0;
    // SAFETY: `value` is an argument of the running callback, and `units` has room for `UNITS` units.
    unsafe { sys::napi_get_value_string_utf16(env, value, units.as_mut_ptr().cast(), UNITS, &mut length) };
    std::hint::black_box(&units);
    length
}

fn read_number(env: sys::napi_env, value: sys::napi_value) -> f64 {
    let mut number = 0.0;
    // SAFETY: `value` is an argument of the running callback.
    unsafe { sys::napi_get_value_double(env, value, &mut number) };
    number
}

fn create_number(env: sys::napi_env, number: f64) -> sys::napi_value {
    let mut result = ptr::null_mut();
    // SAFETY: `env` is that of the running callback.
    unsafe { sys::napi_create_double(env, number, &mut result) };
    result
}

fn create_string(env: sys::napi_env, text: &[u8]) -> sys::napi_value {
    let mut result = ptr::null_mut();
    let text = std::hint::black_box(text);
    // SAFETY: `text` is valid for its length; `env` is that of the running callback.
    unsafe {
        sys::napi_create_string_latin1(env, text.as_ptr().cast::<c_char>(), text.len() as isize, &mut result)
    };
    result
}

fn create_boolean(env: sys::napi_env, value: bool) -> sys::napi_value {
    let mut result = ptr::null_mut();
    // SAFETY: `env` is that of the running callback.
    unsafe { sys::napi_get_boolean(env, value, &mut result) };
    result
}

unsafe extern "C" fn get_string(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let [key] = arguments(env, info);
    read_string(env, key);
    create_string(env, TEXT)
}

unsafe extern "C" fn get_long_string(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let [key] = arguments(env, info);
    read_string(env, key);
    create_string(env, &LONG_TEXT)
}

unsafe extern "C" fn get_nothing(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let [key] = arguments(env, info);
    read_string(env, key);
    ptr::null_mut()
}

unsafe extern "C" fn has(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let [key] = arguments(env, info);
    create_boolean(env, read_string(env, key) > 0)
}

/// Returns one buffer after the other.
fn next_binary() -> &'static [u8; BINARY] {
    std::hint::black_box(&BYTES[ASKED.fetch_add(1, Ordering::Relaxed) % BINARIES])
}

unsafe extern "C" fn get_buffer(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let [key] = arguments(env, info);
    read_string(env, key);
    let (mut data, mut result) = (ptr::null_mut(), ptr::null_mut());
    let bytes = next_binary();
    // SAFETY: `bytes` is valid for its length; `env` is that of the running callback.
    unsafe { sys::napi_create_buffer_copy(env, bytes.len(), bytes.as_ptr().cast(), &mut data, &mut result) };
    result
}

unsafe extern "C" fn get_into(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let [key, target, offset] = arguments(env, info);
    read_string(env, key);
    let offset = read_number(env, offset) as usize;
    let (mut data, mut length) = (ptr::null_mut(), 0);
    // SAFETY: `target` is an argument of the running callback.
    unsafe { sys::napi_get_buffer_info(env, target, &mut data, &mut length) };
    let copied = BINARY.min(length.saturating_sub(offset));
    let bytes = next_binary();
    // SAFETY: `offset` lies within the buffer's memory, or nothing is copied there.
    let to = unsafe { data.cast::<u8>().add(offset.min(length)) };
    // SAFETY: both are valid for `copied` bytes, and a static never overlaps with a buffer.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), to, copied) };
    create_number(env, copied as f64)
}

unsafe extern "C" fn get_number(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let [key] = arguments(env, info);
    create_number(env, read_string(env, key) as f64 + 0.5)
}

unsafe extern "C" fn set(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let [key, value] = arguments(env, info);
    create_boolean(env, read_string(env, key) + read_string(env, value) > 0)
}

unsafe extern "C" fn expire(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let [key, ttl] = arguments(env, info);
    let length = read_string(env, key);
    create_boolean(env, length as f64 + read_number(env, ttl) > 0.0)
}

unsafe extern "C" fn incr(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let [key, delta] = arguments(env, info);
    create_number(env, read_string(env, key) as f64 + read_number(env, delta))
}

fn export(env: sys::napi_env, exports: sys::napi_value, name: &CStr, callback: Callback) {
    let mut function = ptr::null_mut();
    // SAFETY: `name` ends in NUL, and no data pointer is passed.
    unsafe {
        sys::napi_create_function(
            env,
            name.as_ptr(),
            -1,
            Some(callback),
            ptr::null_mut::<c_void>(),
            &mut function,
        )
    };
    // SAFETY: `exports` is the module's object and `function` was just created.
    unsafe { sys::napi_set_named_property(env, exports, name.as_ptr(), function) };
}

/// Registers the functions. Node calls it when it loads the file.
///
/// # Safety
/// Must be called by Node only, with the environment and the object of the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn napi_register_module_v1(
    env: sys::napi_env,
    exports: sys::napi_value,
) -> sys::napi_value {
    // SAFETY: called once for each environment, before any other function; repeating it is harmless.
    unsafe { sys::setup() };
    export(env, exports, c"getString", get_string);
    export(env, exports, c"getNumber", get_number);
    export(env, exports, c"getLongString", get_long_string);
    export(env, exports, c"getNothing", get_nothing);
    export(env, exports, c"getBuffer", get_buffer);
    export(env, exports, c"getInto", get_into);
    export(env, exports, c"has", has);
    export(env, exports, c"set", set);
    export(env, exports, c"expire", expire);
    export(env, exports, c"incr", incr);
    exports
}
