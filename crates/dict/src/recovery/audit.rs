//! The audit: compares all derived data with the index, word by word.

use super::survey::Survey;
use crate::index::OVERFLOW;
use crate::intent::{self, Intent};
use crate::layout::page::PageWord;
use crate::layout::shard::{LEAKS, NEXT_DEADLINE, SEQUENCE, STATE, STATE_OK};
use crate::segment::Segment;
use crate::shard::Shard;

/// Returns the problems of a shard. The caller must hold its lock.
pub(crate) fn audit_shard(shard: &Shard<'_>) -> Vec<String> {
    let epoch = shard.segment.epoch();
    let mut survey = Survey::of(shard, epoch.tag());
    survey.add_kept(shard);
    let mut problems: Vec<String> = survey
        .unsound
        .iter()
        .map(|(position, reason)| format!("shard {}, index position {position}: {reason}", shard.id))
        .collect();
    let mut report = |what: String| problems.push(format!("shard {}: {what}", shard.id));
    if shard.load32(STATE) != STATE_OK || intent::read(shard) != Intent::Idle {
        report("an operation was left unfinished".into());
    }
    if shard.used_reserve().is_some() {
        report("an entry was left in the reserve".into());
    }
    let live = shard.live(epoch.epoch());
    if live != survey.live {
        report(format!("counts {live} live entries, has {}", survey.live));
    }
    if shard.load(NEXT_DEADLINE) > survey.next_deadline {
        report("an entry expires before the shard's next deadline".into());
    }
    if shard.load(SEQUENCE) < survey.sequence {
        report("an entry's version is ahead of the shard's sequence".into());
    }
    if !shard.segment.is_level_sound(shard.id) {
        report("the level of its index and the copy of it differ".into());
    }
    if shard.undercounts_leases() {
        report("counts fewer leases than are granted".into());
    }
    audit_overflow(shard, &survey, &mut report);
    audit_bitmaps(shard, &survey, &mut report);
    problems
}

fn audit_overflow(shard: &Shard<'_>, survey: &Survey, report: &mut dyn FnMut(String)) {
    let mut excess = 0u64;
    for (bucket, &needed) in survey.overflow.iter().enumerate() {
        let at = shard.segment.geometry.bucket(shard.id, bucket as u32) + OVERFLOW;
        let count = shard.segment.region.load32(at);
        if count < needed {
            report(format!("bucket {bucket} counts {count} passing keys, has {needed}"));
        }
        excess += u64::from(count.saturating_sub(needed));
    }
    let leaks = shard.load32(LEAKS);
    if excess > u64::from(leaks) {
        report(format!("overflow counts are {excess} too high, {leaks} known"));
    }
}

fn audit_bitmaps(shard: &Shard<'_>, survey: &Survey, report: &mut dyn FnMut(String)) {
    let geometry = &shard.segment.geometry;
    for page in (0..shard.segment.pages()).filter(|&page| shard.page(page).belongs_to(shard.id)) {
        for index in 0..geometry.bitmap_words() {
            let bits = shard.segment.region.load(geometry.bitmap(page, index));
            let reachable = survey.bitmaps.get(&page).map_or(0, |words| words[index as usize]);
            if bits != reachable {
                let (lost, unmarked) = ((bits & !reachable).count_ones(), (reachable & !bits).count_ones());
                report(format!(
                    "page {page}: {lost} blocks marked but unused, {unmarked} used but not marked"
                ));
            }
        }
    }
}

/// Returns the problems of the page table.
pub(crate) fn audit_pages(segment: &Segment) -> Vec<String> {
    let geometry = &segment.geometry;
    (0..segment.pages())
        .filter(|&page| {
            let word = PageWord(segment.region.load(geometry.page_word(page)));
            let owned = (0..geometry.shards).any(|shard| word.belongs_to(shard));
            !word.is_free() && (!owned || geometry.classes.size(word.class()).is_none())
        })
        .map(|page| format!("page {page} belongs to no shard"))
        .collect()
}
