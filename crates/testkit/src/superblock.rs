//! Superblocks with a fixed secret, so that every run is the same.

use shmkit_object::lifecycle::CreateParams;
use shmkit_object::superblock::{StoredName, Superblock};

/// Returns the superblock of an object of any kind.
pub fn superblock_for(params: &CreateParams) -> Superblock {
    Superblock {
        size: params.size,
        parameters: params.parameters,
        features: params.features,
        options: params.options,
        persist: false,
        owned: false,
        hash_key: *b"a fixed test key",
        name: StoredName::EMPTY,
        boot_id: [0; 16],
        time_namespace: 0,
        segment_id: 1,
        created: 1,
    }
}
