//! Overwriting a plain entry with a plain entry, as most writes do: the steps of [`crate::ops::commit`] in the same order,
//! without those that only other entries need. The slow path handles everything else.

use crate::entry::plain::PlainEntryDraft;
use crate::feed::{Change, Told};
use crate::guard::Guard;
use crate::intent::{self, Publish};
use crate::layout::hash::KeyHash;
use crate::layout::shard::LIVE;
use crate::layout::version::Version;
use crate::layout::word::{IndexWord, Link};
use crate::ops::Dict;
use crate::ops::commit::note_deadline;
use crate::value::{Key, Ttl, Value, ValueKind};

impl Dict {
    /// Replaces the key's plain entry. Returns false, with nothing changed, if the slow path must decide. O(1) plus the
    /// length of the value.
    #[inline(always)]
    pub(crate) fn try_overwrite<const GROWS: bool>(
        &self,
        shard: &Guard<'_>,
        key: Key<'_>,
        hash: KeyHash,
        value: Value<'_>,
        ttl: Ttl,
    ) -> bool {
        let (segment, epoch) = (shard.segment, shard.epoch());
        let live = shard.load(LIVE);
        let Some((slot, old)) = shard.find_plain::<GROWS>(key, hash, epoch.tag()) else { return false };
        if value.kind == ValueKind::List || segment.wipe || !epoch.is_epoch_of(live) {
            return false;
        }
        let deadline = match ttl {
            Ttl::Keep if old.deadline != 0 => return false,
            Ttl::Past => return false,
            Ttl::Never | Ttl::Keep => 0,
            Ttl::After(_) => self.deadline(ttl, 0),
        };
        let draft = PlainEntryDraft::new(key, value, deadline, epoch.tag());
        let Some(class) = draft.class(&segment.geometry) else { return false };
        let Some(fresh) = shard.free_block(class) else { return false };
        let Some(retired) = shard.known_block_id(slot.word.block()) else { return false };

        // Nothing can fail from here on.
        shard.break_leases(hash);
        note_deadline(shard, deadline);
        let sequence = shard.draw_sequence();
        draft.compose(segment, fresh.block, sequence);
        let version = Version::fresh(sequence);
        let told = Told { change: Change::Set, key, version, epoch: epoch.tag(), block: fresh.block };
        let untold = shard.note_set(told, old.deadline);
        let new = IndexWord::new(fresh.block, fresh.generation, hash.tag());
        let publish = Publish {
            position: slot.position,
            old: slot.word.0,
            new: new.0,
            live_after: live,
            fresh: Link::new(fresh.block, 1).0,
            passed: 0,
        };
        publish.arm(shard);
        shard.mark_free(fresh);
        shard.set_word(slot, new);
        old.store_version(old.version.odd());
        let was_its_last = shard.unmark_for(retired, fresh);
        shard.tell(untold);
        intent::disarm(shard);
        if was_its_last {
            shard.release_empty(retired);
        }
        true
    }
}
