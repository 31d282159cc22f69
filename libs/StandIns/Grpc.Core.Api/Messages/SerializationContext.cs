using System.Buffers;

namespace Grpc.Core;

/// <summary>Where a message being sent is written: whole, or into the buffer writer; what is not overridden is not offered.</summary>
public abstract class SerializationContext
{
    public virtual void Complete(byte[] payload) => throw new NotImplementedException();

    public virtual IBufferWriter<byte> GetBufferWriter() => throw new NotImplementedException();

    public virtual void SetPayloadLength(int payloadLength)
    {
        // A hint; a context that has no use for it ignores it.
    }

    public virtual void Complete() => throw new NotImplementedException();
}
