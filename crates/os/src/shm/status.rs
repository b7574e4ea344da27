//! The access, identity and status of a file.

/// The access that a file is opened with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Read only.
    ReadOnly,
    /// Read and write.
    ReadWrite,
}

/// The identity of a file, independent of its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// The device number of its file system.
    pub device: u64,
    /// Its inode number.
    pub inode: u64,
}

/// The status of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// The identity of the file.
    pub identity: Identity,
    /// False for a directory, a symbolic link, a FIFO, a socket or a device.
    pub is_regular: bool,
    /// The user id of its owner; on Windows, the last number of the owner's SID.
    pub uid: u32,
    /// Its permission bits; on Windows, the equivalent of its access list.
    pub mode: u32,
    /// The number of its names.
    pub links: u64,
    /// Its length in bytes.
    pub size: u64,
    /// Bytes of storage that it takes; its length where the system does not tell.
    pub allocated: u64,
}

impl Status {
    /// Returns whether the file takes enough storage for this many bytes. That of an object is always reserved; a peer
    /// that only claims more must not make readers of the holes take that memory.
    pub fn has_storage_for(&self, bytes: u64) -> bool {
        // Other systems count storage in ways of their own.
        !cfg!(target_os = "linux") || self.allocated >= bytes
    }
}
