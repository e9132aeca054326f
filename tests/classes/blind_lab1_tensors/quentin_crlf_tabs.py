# written on Windows, with Notepad: CRLF and tabs
import torch

TEXT = """a string
over two lines"""

def first_row(x):
	return x[0]

def first_column(x):
	return x[:,0]

def transpose(x):
	return x.transpose(0,1)

def squeeze_all(x):
	return x.squeeze()

def squeeze_dim(x, dim):
	if x.shape[dim]==1:
		x = x.squeeze(dim)
	return x

def add_dim(x, dim):
	return x.unsqueeze(dim)

def view_as(x, shape):
	return x.view(shape)

def to_column(x):
	return x.view(-1,1)

def images_to_rows(images):
	n = images.shape[0]
	return images.view(n, \
		-1).float()/255

def digit_targets(labels, digit):
	t = labels.clone().view(-1,1)
	return (t==digit).float()

def one_hot(labels, classes):
	return torch.nn.functional.one_hot(labels, classes).float()

def standardise(x):
	m = x.mean(0)
	s = x.std(0, unbiased=False)
	s[s==0] = 1
	return (x-m)/s

def perceptron(x, w, b):
	return ((x*w).sum(1)+b>0).long()

def forward(x, w1, b1, w2, b2):
	h = torch.sigmoid(x@w1.t()+b1)
	return h@w2.t()+b2

def parameter_count(sizes):
	p = 0
	for i in range(len(sizes)-1):
		p += (sizes[i]+1)*sizes[i+1]
	return p

def cubic_gradient(x):
	x = torch.tensor(x, requires_grad=True)
	f = (x-1)*(x-2)*(x-3)
	f.backward()
	return float(x.grad)

def partials(u, v):
	u = torch.tensor(u, requires_grad=True)
	v = torch.tensor(v, requires_grad=True)
	f = u*v+u**2
	f.backward()
	return (float(u.grad), float(v.grad))

def mse_gradient(x, y, w):
	w = torch.tensor(w, requires_grad=True)
	torch.nn.MSELoss()(x*w, y).backward()
	return float(w.grad)

def conv_output_size(size, kernel, stride, padding):
	return int((size-kernel+2*padding)/stride+1)

def same_padding(size, kernel, stride):
	return int((size*stride-size+kernel-1)/2)
