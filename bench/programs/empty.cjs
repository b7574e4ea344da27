// A package without contents, to compare with.
exports.nothing = undefined;
