namespace ModelGarden.Kernel.Tests;

public sealed class ErrorTests
{
    public static TheoryData<Func<string, string, Error>, ErrorCode> Factories => new()
    {
        { Error.Invalid, ErrorCode.InvalidArgument },
        { Error.Unauthenticated, ErrorCode.Unauthenticated },
        { Error.Denied, ErrorCode.PermissionDenied },
        { Error.NotFound, ErrorCode.NotFound },
        { Error.Exists, ErrorCode.AlreadyExists },
        { Error.Conflict, ErrorCode.Conflict },
        { Error.Exhausted, ErrorCode.ResourceExhausted },
        { Error.Unavailable, ErrorCode.Unavailable },
    };

    [Theory]
    [MemberData(nameof(Factories), DisableDiscoveryEnumeration = true)]
    public void Factory_GivesItsCode(Func<string, string, Error> factory, ErrorCode code) => Assert.Equal(new Error(code, "REASON", "message"), factory("REASON", "message"));

    [Fact]
    public void Factories_CoverEveryCode() => Assert.Equal(Enum.GetValues<ErrorCode>().Order(), Factories.Select(row => row.Data.Item2).Order());

    [Fact]
    public void Exception_KeepsItsCause()
    {
        var cause = new IOException("gone");

        Assert.Same(cause, new ErrorException(Error.Unavailable("STORE_GONE", "the store is gone"), cause).InnerException);
    }
}
