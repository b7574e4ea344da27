//! Dictionaries.

use crate::exports::Export;
use crate::{callback, kind_exports};
use shmkit_dict::segment::Segment;

pub(crate) mod batch;
pub(crate) mod encoded;
pub(crate) mod fast_calls;
pub(crate) mod handle;
pub(crate) mod inspect;
pub(crate) mod key;
pub(crate) mod lease;
pub(crate) mod list;
pub(crate) mod many;
pub(crate) mod read;
pub(crate) mod scan;
pub(crate) mod structured;
pub(crate) mod structures;
pub(crate) mod value;
pub(crate) mod view;
pub(crate) mod wait;
pub(crate) mod watch;
pub(crate) mod write;

/// Lists the functions. Argument 1 is a key, where there is one.
pub fn exports() -> Vec<Export> {
    kind_exports!(
        Segment,
        ("view", callback!(inspect::view)),
        ("evicts", callback!(inspect::evicts)),
        ("countHits", callback!(read::count_hits)),
        ("getEntry", callback!(read::get_entry)),
        ("getStale", callback!(read::get_stale)),
        ("getInto", callback!(read::get_into, 4)),
        ("set", callback!(write::set)),
        ("swap", callback!(write::swap)),
        ("delete", callback!(write::delete, 3)),
        ("take", callback!(write::take)),
        ("getAndExpire", callback!(write::get_and_expire)),
        ("typeOf", callback!(read::type_of, 2)),
        ("sizeOf", callback!(read::size_of, 2)),
        ("incr", callback!(write::incr)),
        ("clear", callback!(write::clear)),
        ("flushExpired", callback!(write::flush_expired)),
        ("getMany", callback!(many::get)),
        ("setMany", callback!(many::set)),
        ("deleteMany", callback!(many::delete)),
        ("deletePrefix", callback!(write::delete_prefix)),
        ("scanStart", callback!(scan::start)),
        ("scanKeys", callback!(scan::next_keys)),
        ("scanEntries", callback!(scan::next_entries)),
        ("scanEnd", callback!(scan::end)),
        ("push", callback!(list::push)),
        ("pushAll", callback!(list::push_all)),
        ("pop", callback!(list::pop)),
        ("listLength", callback!(list::length)),
        ("listRange", callback!(list::range)),
        ("leaseAcquire", callback!(lease::acquire)),
        ("leaseStore", callback!(lease::store)),
        ("leaseRelease", callback!(lease::release)),
        ("leaseWait", callback!(lease::wait, 2)),
        ("versionOf", callback!(wait::version_of, 2)),
        ("watchStart", callback!(watch::start, 2)),
        ("watchRead", callback!(watch::read, 5)),
        ("watchWait", callback!(watch::wait, 2)),
        ("watchEnd", callback!(watch::end, 2)),
        ("changeWait", callback!(wait::start, 4)),
        ("structures", callback!(structures::read, 2)),
        ("appendStructures", callback!(structures::append, 4)),
        ("size", callback!(inspect::size)),
        ("stats", callback!(inspect::stats)),
        ("verify", callback!(inspect::verify)),
    )
}
