namespace Redlock.Fast;

/// <summary>What an attempt sends.</summary>
internal enum Attempt : byte
{
    /// <summary>SET NX to all nodes, as a caller does that finds nobody waiting.</summary>
    Set = 0,

    /// <summary>Take to all nodes.</summary>
    Take,

    /// <summary>Take to one node, and to the others when that one grants.</summary>
    TakeFirst,

    /// <summary>Take to all nodes, with the id of the holder who releases by it.</summary>
    Succeed,
}
