//! An object in shared memory. Its processes are this one and its children.

#![expect(unsafe_code, clippy::disallowed_types, reason = "memory shared with the traced child")]

use memmap2::MmapMut;
use shmkit_object::lifecycle::{CreateParams, Kind};
use shmkit_object::membership::{Liveness, Membership};
use shmkit_object::region::{Memory, Region};
use shmkit_object::superblock::Format;
use shmkit_object::sync::{AtomicU32, Ordering};
use shmkit_os::shm::{Access, Directory, ShmFile, default_directory};
use shmkit_testkit::{register, superblock_for};
use std::fs::{OpenOptions, remove_file};
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;

/// The slot of the process that is killed.
pub const VICTIM: u32 = 1;
/// The slot of the process that recovers from its death, and may be killed as well.
pub const RECOVERER: u32 = 2;
/// The slot of the process that checks what a killed recoverer left.
pub const OBSERVER: u32 = 3;

struct SharedFile {
    bytes: MmapMut,
    /// The size of the object, without the bytes past its end.
    size: usize,
}

// SAFETY: the mapping starts at a page, has at least `size` bytes, and stays readable and writable at its address
// until it is dropped.
unsafe impl Memory for SharedFile {
    fn base(&self) -> *mut u8 {
        self.bytes.as_ptr().cast_mut()
    }
    fn len(&self) -> usize {
        self.size
    }
    fn is_writable(&self) -> bool {
        true
    }
}

/// The liveness that the process in slot `own` sees. First all processes are alive. After the switch, all in lower
/// slots are dead: each was killed and waited for before the next one runs.
struct Predecessors {
    own: u32,
    /// Not 0 after the switch.
    are_dead: Arc<AtomicU32>,
}

impl Liveness for Predecessors {
    fn is_dead(&self, slot: u32) -> bool {
        // Relaxed: the switch is made before the child is forked.
        slot < self.own && self.are_dead.load(Ordering::Relaxed) != 0
    }
}

/// A shared-memory file that all processes have mapped.
pub struct Machine {
    memory: Arc<SharedFile>,
    file: ShmFile,
    predecessors_are_dead: Arc<AtomicU32>,
}

/// Creates a file in shared memory and removes its name.
fn unnamed_file(size: u64) -> io::Result<ShmFile> {
    let name = format!("shmkit-torture-{}", std::process::id());
    let folder =
        Directory::open(&default_directory().map_err(io::Error::other)?).map_err(io::Error::other)?;
    let path = folder.path_of(&name);
    OpenOptions::new().write(true).create_new(true).open(&path)?.set_len(size)?;
    let file = folder.open_file(&name, Access::ReadWrite).map_err(io::Error::other);
    remove_file(path)?;
    let file = file?;
    file.reserve(size).map_err(io::Error::other)?;
    Ok(file)
}

impl Machine {
    /// Creates an object.
    pub fn new(params: &CreateParams, format: &Format) -> io::Result<Machine> {
        let file = unnamed_file(params.size + params.tail)?;
        // SAFETY: the file has no name and only this process and its children have it open, so it is never shortened.
        let bytes = unsafe { MmapMut::map_mut(file.as_fd().as_raw_fd()) }?;
        let memory = Arc::new(SharedFile { bytes, size: params.size as usize });
        superblock_for(params).format(&Region::new(memory.clone()), format);
        Ok(Machine { memory, file, predecessors_are_dead: Arc::default() })
    }

    /// Creates an object of any kind but dictionaries.
    pub fn with_kind<K: Kind>(options: &K::Options) -> io::Result<Machine> {
        let params = K::create_params(options).map_err(io::Error::other)?;
        Machine::new(&params, K::FORMAT)
    }

    /// Returns the memory of the object.
    pub fn region(&self) -> Region {
        Region::new(self.memory.clone())
    }

    /// Returns the liveness of all processes as the process in `slot` sees it.
    pub fn liveness(&self, slot: u32) -> Box<dyn Liveness> {
        Box::new(Predecessors { own: slot, are_dead: self.predecessors_are_dead.clone() })
    }

    /// Makes every process see those in lower slots as dead from now on.
    pub fn declare_predecessors_dead(&self) {
        // Relaxed: children that read it are forked later.
        self.predecessors_are_dead.store(1, Ordering::Relaxed);
    }

    /// Attaches to an object of any kind but dictionaries, and registers in `slot`.
    pub fn attach<K: Kind>(&self, slot: u32) -> Arc<K> {
        let membership = Membership::attach(self.region(), K::FORMAT, self.liveness(slot));
        let mut kind = K::attach(membership.expect("the superblock is never changed"), &self.file)
            .expect("the header of a new object is valid");
        register(&mut kind, slot);
        Arc::new(kind)
    }

    /// Copies all bytes. No other process may be running.
    pub fn image(&self) -> Vec<u8> {
        self.memory.bytes.to_vec()
    }

    /// Returns whether the memory equals `image`. No other process may be running.
    pub fn has_image(&self, image: &[u8]) -> bool {
        self.memory.bytes[..] == *image
    }

    /// Restores all bytes. No other process may be running.
    pub fn restore(&self, image: &[u8]) {
        let target = self.memory.base();
        assert_eq!(image.len(), self.memory.bytes.len());
        // SAFETY: the target is the whole mapping, of the length just checked, and writable; the image is a separate
        // allocation, so they do not overlap.
        unsafe { std::ptr::copy_nonoverlapping(image.as_ptr(), target, image.len()) };
    }
}
