namespace Redlock.Fast.Bench;

/// <summary>When the code of a program is compiled.</summary>
internal enum StartupCompilation : byte
{
    /// <summary>While it runs.</summary>
    JustInTime = 0,

    /// <summary>When it is published (ReadyToRun).</summary>
    Ahead,

    /// <summary>When it is published, together with the framework, into one native program.</summary>
    Native,
}
