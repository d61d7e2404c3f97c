namespace Redlock.Fast;

/// <summary>How a line hears of releases.</summary>
internal enum LineStage : byte
{
    /// <summary>It does not: its head asks from time to time.</summary>
    Deaf = 0,

    /// <summary>The node has not confirmed the subscription, or not again after a loss.</summary>
    Subscribing,

    /// <summary>What is published on the node reaches it.</summary>
    Hearing,
}
