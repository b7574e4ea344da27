//! A segment in a file of shared memory, whose processes are this one and its children.

use memmap2::MmapMut;
use shmkit_core::dict::{Cursor, Dict};
use shmkit_core::layout::geometry::Geometry;
use shmkit_core::layout::superblock::Superblock;
use shmkit_core::participant;
use shmkit_core::region::{Memory, Region};
use shmkit_core::segment::{Clock, FORMAT, Liveness, Segment, option_bits};
use shmkit_core::sync::AtomicU32;
use shmkit_core::value::{Key, Kind};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, remove_file};
use std::io;
use std::sync::Arc;
use std::time::Duration;

const LOCK_TIMEOUT: Duration = Duration::from_secs(2);
/// Milliseconds that all clocks show: deadlines must not depend on how slowly a child is stepped.
const NOW: u32 = 1000;

/// The slot of the process that is killed.
pub const VICTIM: u32 = 1;
/// The slot of the one that recovers, and may be killed as well.
pub const HEIR: u32 = 2;
/// The slot of the last one.
pub const WITNESS: u32 = 3;

/// How the segment of a case is made.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    pub evict: bool,
    pub checksums: bool,
}

struct SharedFile(MmapMut);

// SAFETY: a mapping starts at a page, and stays where it is, readable and writable, until it is dropped.
unsafe impl Memory for SharedFile {
    fn base(&self) -> *mut u8 {
        self.0.as_ptr().cast_mut()
    }
    fn len(&self) -> usize {
        self.0.len()
    }
    fn is_writable(&self) -> bool {
        true
    }
}

/// Every process of a slot before the present one is dead: that one was killed, and waited for.
struct Predecessors(u32);

impl Liveness for Predecessors {
    fn is_dead(&self, slot: u32) -> bool {
        slot < self.0
    }
}

/// Everything users can see of a dictionary, but for versions.
pub type State = BTreeMap<Vec<u8>, (Kind, u64, Vec<Vec<u8>>, u64)>;

/// One segment, mapped by all.
pub struct Machine {
    memory: Arc<SharedFile>,
}

fn nameless_file(size: u64) -> io::Result<File> {
    let path = format!("/dev/shm/shmkit-torture-{}", std::process::id());
    let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
    remove_file(path)?;
    file.set_len(size)?;
    Ok(file)
}

impl Machine {
    /// An empty dictionary of 64 KiB.
    pub fn new(options: Options) -> io::Result<Machine> {
        let geometry = Geometry::derive(64 << 10, Some(300)).map_err(io::Error::other)?;
        let file = nameless_file(geometry.size)?;
        // SAFETY: the file has no name, so nobody else can shorten it.
        let memory = Arc::new(SharedFile(unsafe { MmapMut::map_mut(&file) }?));
        let superblock = Superblock {
            size: geometry.size,
            parameters: geometry.parameters(),
            options: option_bits(options.evict, options.checksums),
            persist: false,
            owned: false,
            hash_key: *b"a fixed test key",
            boot_id: [0; 16],
            time_namespace: 0,
            segment_id: 1,
            created: 1,
        };
        superblock.format(&Region::new(memory.clone()), &FORMAT);
        Ok(Machine { memory })
    }

    /// The process of a slot, registered before: those of lower slots are dead.
    fn segment(&self, slot: u32) -> Segment {
        let clock = Clock::Fixed(Arc::new(AtomicU32::new(NOW)));
        let region = Region::new(self.memory.clone());
        Segment::attach(region, Box::new(Predecessors(slot)), clock).expect("the superblock is never changed")
    }

    /// Attaches as the process of a slot.
    pub fn attach(&self, slot: u32) -> Dict {
        let mut segment = self.segment(slot);
        participant::register(&mut segment, slot, slot, 0);
        Dict::new(Arc::new(segment), LOCK_TIMEOUT)
    }

    /// All bytes. Nobody may be running.
    pub fn image(&self) -> Vec<u8> {
        self.memory.0.to_vec()
    }

    /// True if the bytes are these. Nobody may be running.
    pub fn is(&self, image: &[u8]) -> bool {
        self.memory.0[..] == *image
    }

    /// Puts the bytes back. Nobody may be running.
    pub fn restore(&self, image: &[u8]) {
        let target = self.memory.base();
        assert_eq!(image.len(), self.memory.0.len());
        // SAFETY: both are valid for the length, and do not overlap.
        unsafe { std::ptr::copy_nonoverlapping(image.as_ptr(), target, image.len()) };
    }
}

/// What users see, or what is wrong with it.
pub fn observe(dict: &Dict) -> Result<State, String> {
    let mut state = State::new();
    let mut twice = None;
    dict.scan(&mut Cursor::default(), usize::MAX, true, &mut |key, entry| {
        let value = vec![entry.value.bytes.to_vec()];
        let seen = (entry.value.kind, entry.value.scalar, value, entry.deadline);
        if state.insert(key.bytes().to_vec(), seen).is_some() {
            twice = Some(format!("a scan shows {key:?} twice"));
        }
    })
    .map_err(|error| error.to_string())?;
    if let Some(twice) = twice {
        return Err(twice);
    }
    for (name, (kind, _, value, _)) in &mut state {
        let key = Key::new(name, false).map_err(|error| error.to_string())?;
        if !dict.has(key, &mut Vec::new()).map_err(|error| error.to_string())? {
            return Err(format!("{key:?} is scanned, but not found"));
        }
        if *kind == Kind::List {
            value.clear();
            dict.list_items(key, &mut |item| value.push([item.bytes, &item.scalar.to_le_bytes()].concat()))
                .map_err(|error| error.to_string())?;
        }
    }
    let size = dict.len().map_err(|error| error.to_string())?;
    if size == state.len() as u64 {
        Ok(state)
    } else {
        Err(format!("the size is {size}, not {}", state.len()))
    }
}
