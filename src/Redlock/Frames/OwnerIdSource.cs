using System.Diagnostics.CodeAnalysis;
using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>Fresh owner ids from a cryptographic generator; one fill of its buffer serves many.</summary>
[SuppressMessage("Performance", "CA1852", Justification = "A simulation gives ids of its own.")]
internal class OwnerIdSource
{
    // A system call for each id would cost more than the rest of the attempt's preparation.
    private const int IdsAFill = 256;

    private readonly Gate _gate = new();
    private readonly byte[] _buffer = new byte[IdsAFill * LockToken.OwnerIdBytes];
    private int _used;

    public OwnerIdSource() => _used = _buffer.Length;

    /// <summary>A token with an owner id that was never given before, and no deadline yet.</summary>
    public LockToken Next()
    {
        using (_gate.Enter())
        {
            LockToken token;
            do
            {
                if (_used == _buffer.Length)
                {
                    Fill(_buffer);
                    _used = 0;
                }

                token = new LockToken(_buffer.AsSpan(_used, LockToken.OwnerIdBytes));
                _used += LockToken.OwnerIdBytes;
            }
            while (token.IsDefault);

            return token;
        }
    }

    protected virtual void Fill(Span<byte> target) => KernelRandom.Fill(target);
}
