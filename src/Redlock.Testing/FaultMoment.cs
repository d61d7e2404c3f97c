namespace Redlock.Fast.Testing;

/// <summary>On which side of a command's execution a fault strikes.</summary>
public enum FaultMoment
{
    /// <summary>The command has no effect: the request was lost.</summary>
    BeforeExecuting = 0,

    /// <summary>The command has its effect and nobody hears of it: the reply was lost.</summary>
    AfterExecuting,
}
