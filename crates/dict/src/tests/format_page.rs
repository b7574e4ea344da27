//! `docs/format.md` agrees with the code.

use crate::layout::geometry::Geometry;
use crate::layout::shard;
use crate::segment::FORMAT;
use shmkit_object::superblock;

fn page() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/format.md")).unwrap()
}

/// Returns the cells of the table rows between a heading and the next one.
fn rows(page: &str, heading: &str) -> Vec<Vec<String>> {
    let section = page.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    section.lines().filter(|line| line.starts_with("| ")).map(cells).collect()
}

fn bytes(text: &str) -> u64 {
    let (number, unit) = text.split_once(' ').unwrap();
    let shift = ["B", "KiB", "MiB", "GiB"].iter().position(|known| *known == unit).unwrap() * 10;
    number.parse::<u64>().unwrap() << shift
}

#[test]
fn the_sizes_on_the_format_page_are_those_of_the_code() {
    let page = page();
    let table = rows(&page, "# The byte format");
    assert_eq!(table.len(), 1 + 8);
    for row in &table[1..] {
        let (from, to) = row[0].split_once(" .. ").unwrap();
        for size in [bytes(from), bytes(to) - (64 << 10)] {
            let geometry = Geometry::derive(size, None).unwrap();
            let participants = geometry.max_participants().to_string();
            assert_eq!(geometry.page_bytes(), bytes(&row[1]), "{row:?}");
            assert_eq!(participants, row[2].replace(',', ""), "{row:?}");
            assert_eq!(geometry.stripes.to_string(), row[3], "{row:?}");
            assert_eq!(geometry.leases.to_string(), row[4], "{row:?}");
        }
    }
}

#[test]
fn the_version_on_the_format_page_is_that_of_the_code() {
    let version = format!("Layout version {}.{} ", FORMAT.major, FORMAT.minor);
    assert!(page().contains(&version), "{version}");
}

#[test]
fn the_offsets_on_the_format_page_are_those_of_the_code() {
    let page = page();
    let offset_of = |table: &[Vec<String>], what: &str| -> u64 {
        let row = table.iter().find(|row| row[1].starts_with(what)).unwrap_or_else(|| panic!("{what}"));
        row[0].parse().unwrap()
    };
    let header = rows(&page, "Shard's header");
    for (what, offset) in [
        ("lock word", shard::LOCK),
        ("state", shard::STATE),
        ("sequence", shard::SEQUENCE),
        ("live", shard::LIVE),
        ("no entry expires", shard::NEXT_DEADLINE),
        ("overflow counts", shard::LEAKS),
        ("CLOCK's hand", shard::HAND),
        ("every entry of an earlier", shard::SWEPT_EPOCH),
        ("sequence at which", shard::SETTLED),
        ("leases granted", shard::LEASES_HELD),
        ("watched", shard::WATCHED),
        ("intent record", shard::INTENT),
        ("per class", shard::CLASS_HINTS),
        ("leases, 32", shard::LEASES),
    ] {
        assert_eq!(offset_of(&header, what), offset, "{what}");
    }
    let block = rows(&page, "Superblock");
    for (what, offset) in [
        ("epoch word", superblock::EPOCH),
        ("page where", superblock::FREE_CURSOR),
        ("free pages", superblock::FREE_PAGES),
        ("committed pages", superblock::COMMITTED_PAGES),
    ] {
        assert_eq!(offset_of(&block, what), offset, "{what}");
    }
}
