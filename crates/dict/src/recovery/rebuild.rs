//! Rebuilding: if a shard's intent record or state cannot be trusted, all derived data is recomputed from its index.
//! Index words that lead to no sound entry are dropped; all others stay. Idempotent: the state stays REBUILD until
//! everything is stored.

use super::survey::Survey;
use crate::index::OVERFLOW;
use crate::intent;
use crate::layout::shard::{
    LEAKS, LIVE, NEXT_DEADLINE, SEQUENCE, SETTLED, STATE, STATE_REBUILD, STATE_VACATE,
};
use crate::layout::word::IndexWord;
use crate::segment::live_word;
use crate::shard::Shard;

/// Leaves the state VACATE, as the reserve may be in use. Rebuilds the shard's bitmaps, counts and hints. O(entries of the shard + pages). Readers can continue: only unsound
/// words change, and overflow counts are never too low.
#[cold]
pub(crate) fn rebuild(shard: &Shard<'_>) {
    shmkit_object::crash::note_rebuild();
    let segment = shard.segment;
    shard.store32(STATE, STATE_REBUILD);
    shard.note_rebuild();
    shard.forget_pins();
    let epoch = segment.epoch();
    let survey = Survey::of(shard, epoch.tag());
    for &(position, _) in &survey.unsound {
        shard.set_index_word(position, IndexWord::EMPTY);
    }
    for (bucket, &count) in survey.overflow.iter().enumerate() {
        segment.region.store32(segment.geometry.bucket(shard.id, bucket as u32) + OVERFLOW, count);
    }
    store_bitmaps(shard, &survey);
    shard.store(SEQUENCE, shard.load(SEQUENCE).max(survey.sequence).wrapping_add(1));
    shard.store(LIVE, live_word(epoch.epoch(), survey.live));
    shard.store(NEXT_DEADLINE, survey.next_deadline);
    shard.store32(LEAKS, 0);
    if segment.geometry.is_elastic() {
        segment.store_level(shard.id, shard.shape().level(), true);
    }
    shard.store(SETTLED, 0);
    intent::disarm(shard);
    shard.store32(STATE, STATE_VACATE);
}

fn store_bitmaps(shard: &Shard<'_>, survey: &Survey) {
    let geometry = &shard.segment.geometry;
    for page in (0..shard.segment.pages()).filter(|&page| shard.page(page).belongs_to(shard.id)) {
        for index in 0..geometry.bitmap_words() {
            let bits = survey.bitmaps.get(&page).map_or(0, |words| words[index as usize]);
            shard.segment.region.store(geometry.bitmap(page, index), bits);
        }
    }
    shard.reset_partial_hints();
}
