namespace Redlock.Fast;

/// <summary>What a span is about.</summary>
internal enum TracedOperation : byte
{
    /// <summary>No span: it runs by itself, below no caller's span, so each would be a trace of its own.</summary>
    None = 0,
    Release,
    Extend,
    Acquire,
}
