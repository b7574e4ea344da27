//! A memory map, as one JavaScript thread holds it.

#![allow(unsafe_code, reason = "lends mapped memory to JavaScript")]

use crate::runtime::failure::Failure;
use shmkit_os::map::{MapAccess, Memory};
use std::sync::Arc;

/// A map and the memory that its views show. Each view owns a share of the memory, so that closing the map does not
/// unmap what a view shows.
#[derive(Debug)]
pub struct Mapped {
    /// The memory that the methods copy from and to.
    pub memory: Arc<Memory>,
    /// The memory that views show, if different: a store through a view of a file that is mapped for reading would end
    /// the process, so such views get private memory of the same file.
    private_view: Option<Arc<Memory>>,
}

impl Mapped {
    /// Creates the handle of a map.
    pub fn new(memory: Memory) -> Self {
        Mapped { memory: Arc::new(memory), private_view: None }
    }

    /// Returns the memory for views.
    pub fn for_views<'s>(&mut self) -> Result<Arc<Memory>, Failure<'s>> {
        if self.memory.access() != MapAccess::Read {
            return Ok(Arc::clone(&self.memory));
        }
        if let Some(private_view) = &self.private_view {
            return Ok(Arc::clone(private_view));
        }
        let private_view = Arc::new(self.memory.private_view()?);
        self.private_view = Some(Arc::clone(&private_view));
        Ok(private_view)
    }
}
