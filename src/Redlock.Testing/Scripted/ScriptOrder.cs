namespace Redlock.Fast.Testing;

/// <summary>How a <see cref="ScriptedNode"/> finds the expectation that a command meets.</summary>
public enum ScriptOrder
{
    /// <summary>
    /// Commands must come in the order of the expectations: the first one with a reply left must match. For one connection.
    /// </summary>
    InOrder = 0,

    /// <summary>
    /// A command meets the first expectation that matches it and has a reply left, wherever that one stands in the script.
    /// </summary>
    Matched,
}
