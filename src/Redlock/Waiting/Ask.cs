namespace Redlock.Fast;

/// <summary>What the head of a line does next.</summary>
internal enum Ask : byte
{
    /// <summary>It sleeps.</summary>
    Nothing = 0,

    /// <summary>
    /// It asks one node, and the others when that one grants: whoever else was woken asks the same one, and nobody splits the votes.
    /// </summary>
    FirstNode,

    /// <summary>It asks all nodes at once.</summary>
    AllNodes,

    /// <summary>It leaves: its caller has cancelled, or the factory is disposed.</summary>
    Never,
}
