//! An object in a file of shared memory, whose processes are this one and its children.

#![expect(unsafe_code, clippy::disallowed_types, reason = "memory that the traced child shares")]

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
/// The slot of the one that recovers, and may be killed as well.
pub const HEIR: u32 = 2;
/// The slot of the last one.
pub const WITNESS: u32 = 3;

struct SharedFile {
    bytes: MmapMut,
    /// How many of them the superblock speaks of.
    size: usize,
}

// SAFETY: a mapping starts at a page, and stays where it is, readable and writable, until it is dropped.
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

/// At first all live. Then every process of a slot before the present one is dead: that one was killed, and
/// waited for.
struct Predecessors {
    present: u32,
    /// Not 0 from then on.
    dying: Arc<AtomicU32>,
}

impl Liveness for Predecessors {
    fn is_dead(&self, slot: u32) -> bool {
        slot < self.present && self.dying.load(Ordering::Relaxed) != 0
    }
}

/// One file, mapped by all.
pub struct Machine {
    memory: Arc<SharedFile>,
    file: ShmFile,
    dying: Arc<AtomicU32>,
}

fn nameless_file(size: u64) -> io::Result<ShmFile> {
    let name = format!("shmkit-torture-{}", std::process::id());
    let folder =
        Directory::open(&default_directory().map_err(io::Error::other)?).map_err(io::Error::other)?;
    let path = folder.path_of(&name);
    OpenOptions::new().write(true).create_new(true).open(&path)?.set_len(size)?;
    let file = folder.open_file(&name, Access::ReadWrite).map_err(io::Error::other);
    remove_file(path)?;
    file
}

impl Machine {
    /// A new object.
    pub fn new(params: &CreateParams, format: &Format) -> io::Result<Machine> {
        let file = nameless_file(params.size + params.tail)?;
        // SAFETY: the file has no name, so nobody else can shorten it.
        let bytes = unsafe { MmapMut::map_mut(file.as_fd().as_raw_fd()) }?;
        let memory = Arc::new(SharedFile { bytes, size: params.size as usize });
        superblock_for(params).format(&Region::new(memory.clone()), format);
        Ok(Machine { memory, file, dying: Arc::default() })
    }

    /// A new object of any kind but dictionaries.
    pub fn of<K: Kind>(options: &K::Options) -> io::Result<Machine> {
        let params = K::create_params(options).map_err(io::Error::other)?;
        Machine::new(&params, K::FORMAT)
    }

    /// Its memory.
    pub fn region(&self) -> Region {
        Region::new(self.memory.clone())
    }

    /// Who lives, as the process of a slot sees it.
    pub fn liveness(&self, slot: u32) -> Box<dyn Liveness> {
        Box::new(Predecessors { present: slot, dying: self.dying.clone() })
    }

    /// From now on whoever looks sees that those before it are dead.
    pub fn begin_dying(&self) {
        self.dying.store(1, Ordering::Relaxed);
    }

    /// Attaches to an object of any kind but dictionaries as the process of a slot.
    pub fn attach<K: Kind>(&self, slot: u32) -> Arc<K> {
        let membership = Membership::attach(self.region(), K::FORMAT, self.liveness(slot));
        let mut kind = K::attach(membership.expect("the superblock is never changed"), &self.file)
            .expect("nor is the rest that is looked at");
        register(&mut kind, slot);
        Arc::new(kind)
    }

    /// All bytes. Nobody may be running.
    pub fn image(&self) -> Vec<u8> {
        self.memory.bytes.to_vec()
    }

    /// True if the bytes are these. Nobody may be running.
    pub fn is(&self, image: &[u8]) -> bool {
        self.memory.bytes[..] == *image
    }

    /// Puts the bytes back. Nobody may be running.
    pub fn restore(&self, image: &[u8]) {
        let target = self.memory.base();
        assert_eq!(image.len(), self.memory.bytes.len());
        // SAFETY: both are valid for the length, and do not overlap.
        unsafe { std::ptr::copy_nonoverlapping(image.as_ptr(), target, image.len()) };
    }
}
