namespace Redlock.Fast.Allocation;

/// <summary>What is put in on purpose to prove that the measurement notices.</summary>
internal enum Sabotage
{
    None = 0,
    OneObjectACycle,
}
