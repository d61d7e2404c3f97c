namespace Redlock.Fast;

/// <summary>What a span is about.</summary>
internal enum TracedOperation : byte
{
    Release = 0,
    Extend,
    Acquire,
}
