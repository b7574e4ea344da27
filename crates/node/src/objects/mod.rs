//! Named objects: what all kinds share, and a file for each kind. The dictionary has a folder, `dict`.

pub(crate) mod channel;
pub(crate) mod handle;
pub(crate) mod lifecycle;
pub(crate) mod locks;
pub(crate) mod mutex;
pub(crate) mod queue;
pub(crate) mod ring;
pub(crate) mod segment;
pub(crate) mod semaphore;
pub(crate) mod stored;
pub(crate) mod wait;
