namespace Redlock.Fast;

// What figures call the commands.
internal abstract partial class QuorumOperation
{
    internal override string? Command => "SET";
}
