// An empty package, for comparison.
exports.nothing = undefined;
