namespace Redlock.Fast.Extensions;

/// <summary>Whether locks can be had on a node, as a health check found it.</summary>
public enum NodeReadiness : byte
{
    /// <summary>There is no connection, or no answer came within the time of the check.</summary>
    NoAnswer = 0,

    /// <summary>It answers, and no lock can be taken there, or none should be: <see cref="NodeHealth.Concern"/> says why.</summary>
    Unfit,

    /// <summary>It answers more slowly than this process asks it: the queue of this process is full. The node was not asked.</summary>
    Busy,

    /// <summary>A lock was taken, extended and released there.</summary>
    Ready,
}
