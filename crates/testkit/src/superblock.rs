//! Superblocks with a fixed secret, so that every run is the same.

use shmkit_object::lifecycle::Blueprint;
use shmkit_object::superblock::Superblock;

/// Returns the superblock of an object of any kind.
pub fn superblock_for(blueprint: &Blueprint) -> Superblock {
    Superblock {
        size: blueprint.size,
        parameters: blueprint.parameters,
        options: blueprint.options,
        persist: false,
        owned: false,
        hash_key: *b"a fixed test key",
        boot_id: [0; 16],
        time_namespace: 0,
        segment_id: 1,
        created: 1,
    }
}
