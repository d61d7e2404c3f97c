namespace Redlock.Fast.Testing;

/// <summary>What a <see cref="ScriptedNode"/> was sent is not what its script expects; the text shows both.</summary>
public sealed class ScriptedNodeException : Exception
{
    internal ScriptedNodeException(string message)
        : base(message)
    {
    }
}
