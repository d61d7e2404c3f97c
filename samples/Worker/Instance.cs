namespace Redlock.Fast.Worker;

/// <summary>What one instance of the service is called.</summary>
internal sealed record Instance(string Name);
